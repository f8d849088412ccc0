namespace Gateway;

/// <summary>A setting has a value that the gateway cannot start with; the message says what to write.</summary>
internal sealed class InvalidSettingException(string message) : Exception(message);

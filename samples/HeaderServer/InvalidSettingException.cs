namespace HeaderServer;

/// <summary>A setting of this sample has a value it cannot start with; the message says what to write.</summary>
internal sealed class InvalidSettingException(string message) : Exception(message);

namespace KnownHeaderGenerator;

/// <summary>The list cannot become a table; the message says which name is at fault and what to do.</summary>
internal sealed class HeaderListException(string message) : Exception(message);

namespace OneShot.LoadTest.Servers;

/// <summary>Who parses HTTP/1.1 in the sample: its <c>OneShot:Front</c> setting.</summary>
internal enum Front
{
    Kestrel,
    OneShot,
}

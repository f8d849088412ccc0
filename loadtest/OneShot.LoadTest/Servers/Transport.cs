namespace OneShot.LoadTest.Servers;

/// <summary>What brings the bytes to the front of the sample: its <c>OneShot:Transport</c> setting.</summary>
internal enum Transport
{
    Sockets,
    OneShot,
}

namespace OneShot.Transport.Native;

/// <summary>What the transport asks the system for, and may be refused.</summary>
internal enum SystemCall
{
    EpollCreate,
    EventDescriptor,
    Accept,
    Duplicate,
    EpollControl,
    EpollWait,
    Write,
    LocalName,
    SetOption,
    Receive,
    Send,
    SendMessage,
    Shutdown,
    StartThread,
}

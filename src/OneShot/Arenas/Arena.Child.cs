namespace OneShot;

/// <summary>Arenas within an arena's request.</summary>
public sealed partial class Arena
{
    /// <summary>
    /// Another arena over the same process arena that lasts no longer than this request: it is disposed with it, or when a mark around the call is
    /// rewound, if it was not before. Its memory is its own: it can be reset by itself, any number of times.
    /// </summary>
    /// <remarks>
    /// A child has its own owner, so a thread can work in it while another works in this arena, as long as it is done when this request ends. It takes a
    /// block of its own with its first allocation, and is an object on the GC heap: for phases of a request, not for every little thing. That is what a <see cref="Mark"/> is for.
    /// Dispose it when its phase is over: the parent then forgets it.
    /// </remarks>
    /// <exception cref="ObjectDisposedException">This arena was disposed, or the process arena was.</exception>
    public Arena CreateChild()
    {
        ThrowIfUnusable();
        Arena child = _process.CreateArena();
        try
        {
            child.Owner = Owner;
            using Inside inside = Enter();
            ThrowIfUnusable();
            _callbacks.AddChild(child, CountedCallbacks);
            _isPlain = false;
            return child;
        }
        catch
        {
            child.Dispose();
            throw;
        }
    }
}

namespace OneShot;

/// <summary>What failed while something was brought to its end regardless. Adding to it never fails.</summary>
internal struct Failures
{
    private List<Exception>? _all;
    private Exception? _unlisted;

    public void Add(Exception failure)
    {
        try
        {
            FaultInjection.Allocation();
            (_all ??= []).Add(failure);
        }
        catch (OutOfMemoryException)
        {
            _unlisted ??= failure;
        }
    }

    /// <summary>One corruption is thrown as it is; everything else comes together, in the order it happened.</summary>
    public readonly void Throw(string message)
    {
        if (_all is [ArenaCorruptedException corrupted] && _unlisted is null)
        {
            throw corrupted;
        }

        if (_all is not null)
        {
            throw new AggregateException(message, _unlisted is null ? _all : [.. _all, _unlisted]);
        }

        if (_unlisted is not null)
        {
            throw new AggregateException(message, _unlisted);
        }
    }
}

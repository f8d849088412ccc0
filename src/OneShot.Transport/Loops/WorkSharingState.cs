namespace OneShot.Transport.Loops;

/// <summary>What a loop does about turns that wait behind others.</summary>
internal enum WorkSharingState
{
    /// <summary>It runs them itself, one after the other.</summary>
    Alone,

    /// <summary>So too, and sees whether it has rest.</summary>
    Looking,

    /// <summary>In one way and the other, in turn, to see which serves more.</summary>
    Trying,

    /// <summary>The thread pool has them, as far as it begins them at once, and the loop the rest.</summary>
    Sharing,
}

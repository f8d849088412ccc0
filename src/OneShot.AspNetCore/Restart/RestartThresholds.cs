namespace OneShot.AspNetCore.Restart;

/// <summary>The shares of a source, from 0 to 1, at which the steps of the ladder are taken; none is below the one before.</summary>
internal readonly record struct RestartThresholds(double WarnAt, double DrainAt, double LiveAt);

namespace OneShot.AspNetCore.Requests;

/// <summary>How far the application has got with a request's body.</summary>
internal enum BodyState
{
    /// <summary>Nobody has asked, or who asked has got nothing of it.</summary>
    Unread = 0,

    /// <summary>It is being read.</summary>
    Reading,

    /// <summary>It is in the arena, for anybody who asks again.</summary>
    Whole,

    /// <summary>It was refused: too long, or broken off.</summary>
    Refused,

    /// <summary>A read did not come to the end, and what it had got is gone.</summary>
    Lost,
}

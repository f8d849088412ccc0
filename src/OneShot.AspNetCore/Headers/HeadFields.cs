using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Headers;

/// <summary>What single fields say.</summary>
internal static class HeadFields
{
    /// <summary>The token of <c>Authorization: Bearer</c>; empty where there is none, or more than one Authorization.</summary>
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    public static ReadOnlySpan<byte> BearerTokenOf(HeaderSpans headers)
    {
        while (true)
        {
            HeaderTable.Lines lines = headers.Lines.Current();
            ReadOnlySpan<byte> token = BearerSyntax.TokenOf(OnlyValueOf(lines, "authorization"u8));
            if (lines.IsCurrent)
            {
                return token;
            }
        }
    }

    /// <summary>What <c>traceparent</c> says; none where it says nothing valid, or there is more than one.</summary>
    /// <exception cref="ObjectDisposedException">The request is over.</exception>
    public static TraceParent TraceParentOf(HeaderSpans headers)
    {
        while (true)
        {
            HeaderTable.Lines lines = headers.Lines.Current();
            TraceParent caller = TraceParent.TryParse(OnlyValueOf(lines, "traceparent"u8), out TraceParent parent) ? parent : default;
            if (lines.IsCurrent)
            {
                return caller;
            }
        }
    }

    /// <summary>Neither field is a list: of two lines nobody can say which counts.</summary>
    private static ReadOnlySpan<byte> OnlyValueOf(HeaderTable.Lines lines, ReadOnlySpan<byte> name)
    {
        int index = lines.IndexOf(name);
        return index < 0 || lines.NextWithSameName(index) >= 0 ? default : lines.ValueAt(index);
    }
}

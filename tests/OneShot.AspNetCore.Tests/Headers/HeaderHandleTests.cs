using OneShot.AspNetCore.Headers;
using OneShot.AspNetCore.Tests.Wire;

namespace OneShot.AspNetCore.Tests.Headers;

public sealed class HeaderHandleTests
{
    private const string Lines = "Host: a\r\nX-Tag: one\r\nx-tag: two\r\nX-Empty:\r\n";

    [Fact]
    public void It_finds_the_bytes_of_the_first_line_of_its_name_where_they_are()
    {
        using var request = ParsedRequest.WithHeaders(Lines);
        HeaderHandle tag = request.Table.Spans.Handle("X-TAG"u8);

        Assert.True(tag.IsPresent);
        Assert.True(tag.Span == request.Table.Spans["x-tag"u8]);
        Assert.True(request.Table.Spans.Handle("host"u8).Span.SequenceEqual("a"u8));
    }

    [Fact]
    public void An_empty_value_is_told_from_an_absent_line()
    {
        using var request = ParsedRequest.WithHeaders(Lines);
        Assert.True(request.Table.Spans.Handle("x-empty"u8) is { IsPresent: true, Span.IsEmpty: true });
        Assert.True(request.Table.Spans.Handle("x-absent"u8) is { IsPresent: false, Span.IsEmpty: true });
        Assert.True(default(HeaderHandle) is { IsPresent: false, Span.IsEmpty: true });
        Assert.True(default(HeaderSpans).Handle("host"u8) is { IsPresent: false, Span.IsEmpty: true });
    }

    [Fact]
    public void It_follows_its_head_out_of_the_arena()
    {
        using var request = ParsedRequest.WithHeaders(Lines);
        HeaderHandle tag = request.Table.Spans.Handle("x-tag"u8);
        request.Table.LeaveArena();
        request.Arena.Reset();
        request.Arena.Allocate<byte>(1000).Fill((byte)'!');

        Assert.True(tag.Span.SequenceEqual("one"u8));
    }

    [Fact]
    public void It_refuses_after_its_request_also_in_the_next_and_also_if_there_was_no_such_line()
    {
        using var request = ParsedRequest.WithHeaders(Lines);
        HeaderHandle[] kept = [request.Table.Spans.Handle("x-tag"u8), request.Table.Spans.Handle("x-absent"u8)];
        request.Table.Clear();
        AssertRefuse(kept);
        request.Parse("GET / HTTP/1.1\r\nHost: next\r\nX-Tag: next\r\n\r\n"u8.ToArray());
        AssertRefuse(kept);
        Assert.True(request.Table.Spans.Handle("x-tag"u8).Span.SequenceEqual("next"u8));
    }

    private static void AssertRefuse(HeaderHandle[] kept) =>
        Assert.All(kept, handle => Assert.Throws<ObjectDisposedException>(() => handle.Span.Length));
}

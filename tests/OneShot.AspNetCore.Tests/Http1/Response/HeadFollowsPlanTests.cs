using System.Text;
using Microsoft.Net.Http.Headers;
using OneShot.AspNetCore.Http1.Response;

namespace OneShot.AspNetCore.Tests.Http1.Response;

/// <summary>
/// Body and head are one plan's, whatever becomes of the fields behind it: an application that sets them on a second thread while the head is written
/// must not have a length in it that the body has not, two lengths, or a length beside a transfer coding.
/// </summary>
public sealed class HeadFollowsPlanTests
{
    private static readonly (string Name, Action<ResponseHeaderDictionary> Set)[] s_fields =
    [
        ("none", static _ => { }),
        ("a length", static fields => fields.ContentLength = 5),
        ("a length as text", static fields => fields[HeaderNames.ContentLength] = "700"),
        ("no length", static fields => fields.ContentLength = null),
        ("chunks", static fields => fields[HeaderNames.TransferEncoding] = "chunked"),
        ("another coding", static fields => fields[HeaderNames.TransferEncoding] = "gzip"),
        ("a coding and a length", static fields => (fields[HeaderNames.TransferEncoding], fields.ContentLength) = ("chunked", 3)),
        ("an end", static fields => fields[HeaderNames.Connection] = "close"),
        ("others", static fields => (fields["X-A"], fields["Content-Typ1"], fields["Transfer-Encodin1"], fields["Content-Lengt1"]) = ("1", "2", "3", "4")),
    ];

    private static readonly int[] s_statuses = [101, 200, 204, 205, 206, 304, 404, 500];

    public static TheoryData<string, string> Changes => new MatrixTheoryData<string, string>([.. s_fields.Select(static f => f.Name)], [.. s_fields.Select(static f => f.Name)]);

    [Theory]
    [MemberData(nameof(Changes))]
    public void Fields_that_change_behind_the_plan_change_no_framing(string before, string behind)
    {
        foreach (int status in s_statuses)
        {
            for (int traits = 0; traits < 16; traits++)
            {
                ResponseHeaderDictionary fields = Fields(before);
                (bool isHead, bool isHttp10, bool isConnect, bool nothingWritten) = ((traits & 1) != 0, (traits & 2) != 0, (traits & 4) != 0, (traits & 8) != 0);
                ResponsePlan plan;
                try
                {
                    bool allowsBody = status is not (204 or 205 or 304) && status >= (isConnect ? 300 : 200);
                    plan = ResponsePlan.Make(status, isHead, isConnect, allowsBody, isHttp10, keepAlive: true, nothingWritten, fields);
                }
                catch (InvalidOperationException)
                {
                    continue; // the status forbids it
                }

                fields.Clear();
                s_fields.First(field => field.Name == behind).Set(fields);
                AssertFollows(plan, Write(fields, plan));
            }
        }
    }

    /// <summary>As above, at any moment: what a torn read makes of it is an exception, or a head of the plan's.</summary>
    [Fact]
    public async Task Fields_that_change_while_the_head_is_written_change_no_framing()
    {
        var plans = new ResponsePlan[]
        {
            new(200, ResponseBodyFraming.Length, 700, TransferEncoding: null, KeepAlive: true, ConnectionField.None),
            new(200, ResponseBodyFraming.Chunked, null, TransferEncoding: null, KeepAlive: true, ConnectionField.None),
            new(200, ResponseBodyFraming.UntilClose, null, TransferEncoding: "chunked", KeepAlive: true, ConnectionField.None),
        };
        bool isOver = false;
        ResponseHeaderDictionary fields = Fields("none");
        Task changing = Task.Run(() =>
        {
            for (int i = 0; !Volatile.Read(ref isOver); i++)
            {
                try
                {
                    s_fields[i % s_fields.Length].Set(fields);
                }
                catch (Exception exception) when (exception is not Xunit.Sdk.XunitException)
                {
                    // Both do it at once: its own affair.
                }
            }
        });
        int written = 0;
        for (long end = Environment.TickCount64 + 300; Environment.TickCount64 < end || written < 100;)
        {
            ResponsePlan plan = plans[written % plans.Length];
            string head;
            try
            {
                if (written % 7 == 0)
                {
                    fields.Clear();
                }

                if (plan.ContentLength is { } length)
                {
                    fields.ContentLength = length; // as the server sets it, for who looks later
                }

                head = Write(fields, plan);
            }
            catch (Exception exception) when (exception is NullReferenceException or ArgumentException or IndexOutOfRangeException or InvalidOperationException)
            {
                continue;
            }

            AssertFollows(plan, head);
            written++;
        }

        Volatile.Write(ref isOver, true);
        await changing;
        Assert.InRange(written, 100, int.MaxValue);
    }

    private static ResponseHeaderDictionary Fields(string name)
    {
        ResponseHeaderDictionary fields = new(static _ => null);
        s_fields.First(field => field.Name == name).Set(fields);
        return fields;
    }

    private static string Write(ResponseHeaderDictionary fields, in ResponsePlan plan)
    {
        var extras = new ResponseExtras(plan.Connection, plan.Framing == ResponseBodyFraming.Chunked, server: false, [], []);
        byte[] bytes = new byte[ResponseHeadWriter.Measure(plan, reasonPhrase: null, fields, extras)];
        return Encoding.ASCII.GetString(bytes, 0, ResponseHeadWriter.Write(bytes, plan, reasonPhrase: null, fields, extras));
    }

    private static void AssertFollows(in ResponsePlan plan, string head)
    {
        string[] lines = head.Split("\r\n");
        string[] lengths = [.. lines.Where(static line => line.StartsWith("Content-Length:", StringComparison.OrdinalIgnoreCase))];
        string[] codings = [.. lines.Where(static line => line.StartsWith("Transfer-Encoding:", StringComparison.OrdinalIgnoreCase))];
        Assert.StartsWith($"HTTP/1.1 {plan.Status} ", head, StringComparison.Ordinal);
        Assert.Equal(plan.ContentLength is { } length ? [$"Content-Length: {length}"] : [], lengths);
        Assert.Equal(plan.TransferEncoding is { } coding ? [$"Transfer-Encoding: {coding}"] : plan.Framing == ResponseBodyFraming.Chunked ? ["Transfer-Encoding: chunked"] : [], codings);
        Assert.True(codings.Length == 0 || lengths.Length == 0, head);
        Assert.True(!plan.KeepAlive || codings.Length == 0 || codings[0].EndsWith("chunked", StringComparison.Ordinal), head);
        Assert.True(plan.Status is not (204 or 101) || (lengths.Length == 0 && codings.Length == 0), head);
    }
}

using System.Text;
using Microsoft.AspNetCore.Http.Features;
using OneShot.AspNetCore.Requests;

namespace OneShot.Stress.Tests.StaleAccess;

/// <summary>Checks what a request has, and leaves a straggler behind now and then.</summary>
internal sealed class StaleApplication(Action<string> complain)
{
    public const string Known = "Referer";
    public const string Own = "X-Mine";

    private const int MostStragglers = 6;

    private int _stragglers;
    private int _looks;
    private int _refusals;

    /// <summary>How often stragglers have looked at something.</summary>
    public int Looks => Volatile.Read(ref _looks);

    /// <summary>How often they were refused.</summary>
    public int Refusals => Volatile.Read(ref _refusals);

    public async Task RunAsync(HttpContext context)
    {
        IHttpRequestFeature request = context.Features.Get<IHttpRequestFeature>()!;
        IHttpResponseBodyFeature response = context.Features.Get<IHttpResponseBodyFeature>()!;
        string mine = request.Path[1..];
        IRequestArenaFeature feature = context.Features.Get<IRequestArenaFeature>()!;
        IHeaderDictionary headers = request.Headers;
        RequestArena arena = feature.Arena;
        UnsafeSlice<byte> kept = arena.AllocateUnsafe<byte>(mine.Length);
        Encoding.ASCII.GetBytes(mine, kept.Span);
        LeaveStraggler(context, feature, arena, headers, mine[..mine.IndexOf('-', StringComparison.Ordinal)]);
        for (int i = 0; i < 3; i++)
        {
            Check(mine, "known header", headers[Known].ToString());
            Check(mine, "own header", headers[Own].ToString());
            Check(mine, "credentials", headers.Authorization.ToString()["Bearer ".Length..]);
            Check(mine, "span of a known header", Encoding.ASCII.GetString(feature.HeaderSpans["referer"u8]));
            Check(mine, "span of an own header", Encoding.ASCII.GetString(feature.HeaderSpans["x-mine"u8]));
            Check(mine, "arena", Encoding.ASCII.GetString(kept.Span));
            foreach ((string name, var values) in headers)
            {
                if (name is Known or Own)
                {
                    Check(mine, "enumeration", values.ToString());
                }
            }

            await Task.Yield();
        }

        using var body = new StreamReader(request.Body);
        string sent = await body.ReadToEndAsync();
        if (sent.Length > 0)
        {
            Check(mine, "body", sent);
        }

        await response.Writer.WriteAsync(Encoding.ASCII.GetBytes(mine));
    }

    /// <summary>Until no straggler is left.</summary>
    public async Task RestAsync()
    {
        while (Volatile.Read(ref _stragglers) > 0)
        {
            await Task.Yield();
        }
    }

    private void LeaveStraggler(HttpContext context, IRequestArenaFeature feature, RequestArena arena, IHeaderDictionary headers, string lane)
    {
        if (Interlocked.Increment(ref _stragglers) > MostStragglers)
        {
            Interlocked.Decrement(ref _stragglers);
            return;
        }

        var trailers = context.Features.Get<IHttpRequestTrailersFeature>();
        IFeatureCollection features = context.Features;
        _ = Task.Run(() =>
        {
            try
            {
                // The request's context caches features without a lock, on any server, and the host uses it too. A context of the
                // straggler's own over the same features meets what is ours; the stock server's collection loses what two threads set.
                IFeatureCollection seen = feature is RequestArenaFeature ? new FeatureCollection(features) : features;
                HttpRequest request = new DefaultHttpContext(seen).Request;
                bool isOver = false;
                for (int look = 0; look < 3000; look++)
                {
                    Look(look, request, feature, arena, headers, trailers, lane, ref isOver);
                }
            }
            finally
            {
                Interlocked.Decrement(ref _stragglers);
            }
        });
    }

    private void Look(
        int look, HttpRequest request, IRequestArenaFeature feature, RequestArena arena, IHeaderDictionary headers,
        IHttpRequestTrailersFeature? trailers, string lane, ref bool isOver)
    {
        Interlocked.Increment(ref _looks);
        try
        {
            switch (look % 12)
            {
                case 0: CheckLane(lane, "known header", headers[Known].ToString()); break;
                case 1: CheckLane(lane, "own header", headers[Own].ToString()); break;
                case 2: CheckLane(lane, "credentials", headers.Authorization.ToString().Replace("Bearer ", "", StringComparison.Ordinal)); break;
                case 3 or 4:
                    // What a span shows is not checked; it is believed if the request still is the same afterwards.
                    var spans = feature.HeaderSpans;
                    byte[] copy = spans[look % 2 == 0 ? "referer"u8 : "x-mine"u8].ToArray();
                    _ = spans.Count;
                    CheckLane(lane, "span", Encoding.ASCII.GetString(copy));
                    break;
                case 5 when feature is not RequestArenaFeature: // the stock server has one enumerator a connection: its own request would meet the straggler in it
                    foreach ((string name, var values) in headers)
                    {
                        if (name is Known or Own)
                        {
                            CheckLane(lane, "enumeration", values.ToString());
                        }
                    }

                    break;
                case 6:
                    // Two threads in one arena at once are not allowed: it allocates when its request is known to be over.
                    if (isOver)
                    {
                        arena.Allocate<byte>(64).Fill((byte)'!');
                        complain("A kept arena has allocated after its request.");
                    }
                    else
                    {
                        _ = arena.Allocated;
                    }

                    break;
                case 7 when isOver: feature.ReleaseArena(); break; // before, it would be the request's own doing
                case 8: CheckLane(lane, "trailers", trailers is { Available: true } && trailers.Trailers.Count > 0 ? "none was sent" : lane); break;
                case 9: CheckLane(lane, "header of the context", request.Headers[Own].ToString()); break;
                case 10: CheckLane(lane, "cookie", request.Cookies["c"]); break;
                default: CheckLane(lane, "query", request.Query["q"].ToString()); break;
            }
        }
        catch (ObjectDisposedException)
        {
            isOver |= look % 12 == 6;
            Interlocked.Increment(ref _refusals);
        }
        catch (Exception exception) when (look % 12 >= 5 && exception is InvalidOperationException or NullReferenceException or ArgumentException or IndexOutOfRangeException)
        {
            // The context's own caches are not made for two threads, on any server; nor are the stock server's headers.
            Interlocked.Increment(ref _refusals);
        }
        catch (Exception exception) when (exception is InvalidOperationException or NullReferenceException or ArgumentException or IndexOutOfRangeException)
        {
            if (headers.GetType().Assembly == typeof(StaleApplication).Assembly || headers.GetType().Namespace!.StartsWith("OneShot", StringComparison.Ordinal))
            {
                complain($"Look {look % 12} was refused by {exception}");
            }
        }
    }

    private void Check(string mine, string what, string seen)
    {
        if (seen != mine)
        {
            complain($"The request {mine} has read '{seen}' as its {what}.");
        }
    }

    private void CheckLane(string lane, string what, string? seen)
    {
        if (!string.IsNullOrEmpty(seen) && !seen.StartsWith(lane, StringComparison.Ordinal))
        {
            complain($"A straggler of {lane} has read '{seen}' as its {what}.");
        }
    }
}

using Microsoft.AspNetCore.Http.Features;
using Microsoft.Extensions.Primitives;
using OneShot.AspNetCore.Requests;

namespace OneShot.AspNetCore.Tests.Requests;

/// <summary>Features of the application's in the place of the server's: their code runs where a request is read, and may use its arena.</summary>
public class ForeignFeatureTests
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(30);

    public static TheoryData<string, bool> Acts => new MatrixTheoryData<string, bool>(["Arena", "HeaderSpans", "ReleaseArena", "throw"], [false, true]);

    [Theory]
    [MemberData(nameof(Acts))]
    public async Task Code_that_is_asked_for_headers_or_target_may_use_the_arena(string act, bool isHeaders)
    {
        string? seen = null;
        await using ArenaHost host = await ArenaHost.StartAsync(context =>
        {
            IRequestArenaFeature feature = context.Features.Get<IRequestArenaFeature>()!;
            IHttpRequestFeature server = context.Features.Get<IHttpRequestFeature>()!;
            int calls = 0;
            var own = new OwnRequest(server, isHeaders, () =>
            {
                if (calls++ > 0)
                {
                    return; // asked again by what it has asked for
                }

                switch (act)
                {
                    case "Arena": feature.Arena.Copy("some bytes"u8); break;
                    case "HeaderSpans": _ = feature.HeaderSpans.Count; break;
                    case "ReleaseArena": feature.ReleaseArena(); break;
                    default: throw new NotSupportedException("Not today.");
                }
            });
            context.Features.Set<IHttpRequestFeature>(own);
            if (act == "throw")
            {
                Assert.Throws<NotSupportedException>(() => _ = feature.HeaderSpans.Count);
            }

            seen = System.Text.Encoding.ASCII.GetString(feature.HeaderSpans["x-mine"u8]);
            Assert.True(calls > 0, "Nobody has asked.");
            return Task.CompletedTask;
        });
        using var request = new HttpRequestMessage(HttpMethod.Get, new Uri("/", UriKind.Relative)) { Headers = { { "X-Mine", "yes" } } };
        using HttpResponseMessage response = await host.Client.SendAsync(request, TestContext.Current.CancellationToken).WaitAsync(s_patience, TestContext.Current.CancellationToken);
        Assert.Equal(System.Net.HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("yes", seen);
    }

    private sealed class OwnRequest : HttpRequestFeature, IHttpRequestFeature
    {
        private readonly Action? _onTarget;

        public OwnRequest(IHttpRequestFeature server, bool isHeaders, Action act)
        {
            (Method, Path, PathBase, QueryString, Protocol, Scheme, Body) = (server.Method, server.Path, server.PathBase, server.QueryString, server.Protocol, server.Scheme, server.Body);
            Headers = isHeaders ? new OwnHeaders(server.Headers, act) : server.Headers;
            _onTarget = isHeaders ? null : act;
        }

        string IHttpRequestFeature.RawTarget
        {
            get
            {
                _onTarget?.Invoke();
                return Path;
            }
            set => throw new NotSupportedException();
        }
    }

    private sealed class OwnHeaders : HeaderDictionary, IHeaderDictionary
    {
        private readonly Action _act;

        public OwnHeaders(IHeaderDictionary server, Action act)
        {
            foreach ((string name, StringValues values) in server)
            {
                this[name] = values;
            }

            _act = act;
        }

        void ICollection<KeyValuePair<string, StringValues>>.CopyTo(KeyValuePair<string, StringValues>[] array, int arrayIndex)
        {
            _act();
            CopyTo(array, arrayIndex);
        }
    }
}

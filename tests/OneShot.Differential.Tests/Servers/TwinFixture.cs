using OneShot.Differential.Tests.Corpus;
using OneShot.Differential.Tests.Servers;

[assembly: AssemblyFixture(typeof(TwinFixture))]

namespace OneShot.Differential.Tests.Servers;

/// <summary>The servers that all tests share: one pair as it comes, one with limits so low that a test can cross them.</summary>
public sealed class TwinFixture : IAsyncLifetime
{
    private const string LimitsTopic = "limits";

    private TwinServers _usual = null!;
    private TwinServers _limited = null!;

    internal TwinServers Usual => _usual;

    internal TwinServers Limited => _limited;

    public async ValueTask InitializeAsync()
    {
        _usual = await TwinServers.StartAsync();
        _limited = await TwinServers.StartAsync(limits =>
        {
            limits.MaxRequestLineSize = 100;
            limits.MaxRequestHeadersTotalSize = 300;
            limits.MaxRequestHeaderCount = 5;
            limits.MaxRequestBodySize = 50;
        });
    }

    public async ValueTask DisposeAsync()
    {
        await _usual.DisposeAsync();
        await _limited.DisposeAsync();
    }

    /// <summary>The pair that a case is meant for.</summary>
    internal TwinServers For(CorpusCase one) => one.Topic == LimitsTopic ? _limited : _usual;
}

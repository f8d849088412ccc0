using OneShot.LoadTest.Tools;
using OneShot.LoadTest.Tools.Wrk;

namespace OneShot.LoadTest.Tests.Tools;

public class WrkResultTests
{
    private const string Head = """
        Running 1s test @ http://127.0.0.1:34571/plaintext
          1 threads and 64 connections
          Thread Stats   Avg      Stdev     Max   +/- Stdev
            Latency     1.63ms    2.00ms  33.00ms   94.00%
            Req/Sec    23.10k     2.00k   26.00k    70.00%
          23201 requests in 1.00s, 3.10MB read

        """;

    [Fact]
    public void The_scripts_line_is_found_behind_wrks_own_text()
    {
        LoadOutcome outcome = WrkResult.Parse(Head + Line(status: 0, read: 0));

        Assert.Equal(23_201, outcome.Requests);
        Assert.Equal(TimeSpan.FromMicroseconds(1_003_120), outcome.Elapsed);
        Assert.Equal(new Latencies(1630, 5450, 23_500, 33_001), outcome.Latencies);
        Assert.Null(outcome.Failure);
    }

    [Fact]
    public void Refusals_and_broken_connections_are_failures()
    {
        LoadOutcome outcome = WrkResult.Parse(Head + Line(status: 3, read: 7));

        Assert.Equal("3 of 23201 answers were not 2xx, 7 requests got no answer (read 7)", outcome.Failure);
    }

    [Theory]
    [InlineData("")]
    [InlineData("Running 1s test")]
    [InlineData("oneshot-load: ")]
    [InlineData("oneshot-load: {\"requests\":1")]
    [InlineData("oneshot-load: {\"requests\":1}")]
    public void Anything_else_is_said_to_be_no_result(string output) =>
        Assert.StartsWith("wrk's ", Assert.Throws<LoadTestException>(() => WrkResult.Parse(output)).Message, StringComparison.Ordinal);

    private static string Line(int status, int read) =>
        $$"""oneshot-load: {"requests":23201,"microseconds":1003120,"p50":1630,"p90":5450,"p99":23500,"max":33001,"status":{{status}},"connect":0,"read":{{read}},"write":0,"timeout":0}""" + "\n";
}

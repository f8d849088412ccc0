using OneShot.LoadTest.Tests.Data;
using OneShot.LoadTest.Tools;
using OneShot.LoadTest.Tools.Bombardier;

namespace OneShot.LoadTest.Tests.Tools;

public class BombardierResultTests
{
    [Fact]
    public void A_timed_run_is_read()
    {
        LoadOutcome outcome = BombardierResult.Parse(DataFile.Read("bombardier-fasthttp.json"));

        Assert.Equal(119_287, outcome.Requests);
        Assert.Equal(2.9998516, outcome.Elapsed.TotalSeconds, 6);
        Assert.Equal(119_287 / 2.999851604, outcome.RequestsPerSecond, 0);
        Assert.Equal(new Latencies(688, 1340, 2782, 53_221), outcome.Latencies);
        Assert.Null(outcome.Failure);
    }

    [Fact]
    public void Answers_that_are_not_2xx_are_a_failure()
    {
        LoadOutcome outcome = BombardierResult.Parse(DataFile.Read("bombardier-http1-404.json"));

        Assert.Equal(20_000, outcome.Requests);
        Assert.Equal("20000 of 20000 answers were not 2xx", outcome.Failure);
    }

    [Fact]
    public void Refused_connections_are_a_failure_in_the_tools_words()
    {
        LoadOutcome outcome = BombardierResult.Parse(DataFile.Read("bombardier-refused.json"));

        Assert.Equal(0, outcome.Requests);
        Assert.Equal(100, outcome.Errors);
        Assert.Equal("100 requests got no answer (dial tcp 127.0.0.1:5999: connect: connection refused)", outcome.Failure);
    }

    [Theory]
    [InlineData("")]
    [InlineData("bombardier: game over")]
    [InlineData("null")]
    [InlineData("{}")]
    [InlineData("""{"result":null}""")]
    [InlineData("""{"result":{"req2xx":1}}""")]
    [InlineData("""{"result":{"timeTakenSeconds":1,"req1xx":0,"req2xx":"many"}}""")]
    public void Anything_else_is_said_to_be_no_result(string output)
    {
        LoadTestException exception = Assert.Throws<LoadTestException>(() => BombardierResult.Parse(output));

        Assert.StartsWith("Bombardier's output is not its JSON result", exception.Message, StringComparison.Ordinal);
        Assert.Equal(ExitCode.CannotRun, exception.ExitCode);
    }

    [Fact]
    public void Every_beginning_of_a_result_is_said_to_be_no_result()
    {
        string whole = DataFile.Read("bombardier-refused.json").TrimEnd();

        Assert.All(Enumerable.Range(0, whole.Length), length => Assert.Throws<LoadTestException>(() => BombardierResult.Parse(whole[..length])));
    }

    [Fact]
    public void A_run_without_percentiles_names_the_flag_that_is_missing()
    {
        string output = DataFile.Read("bombardier-fasthttp.json").Replace("\"99\":", "\"98\":", StringComparison.Ordinal);

        Assert.Contains("--latencies", Assert.Throws<LoadTestException>(() => BombardierResult.Parse(output)).Message, StringComparison.Ordinal);
    }
}

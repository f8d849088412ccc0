using OneShot.LoadTest.Drill.Succession;

namespace OneShot.LoadTest.Tests.Drill.Succession;

public class GenerationsTests
{
    [Fact]
    public async Task What_the_processes_say_is_read_line_by_line()
    {
        List<Takeover> told = [];
        Generations generations = new(told.Add);
        foreach (string line in new[]
        {
            "Listening on http://127.0.0.1:1234",
            "info: OneShot.AspNetCore.Restart.RestartMonitor[1421]",
            "      Process 77 is to succeed this one: it has its listening sockets, and takes over when it is ready.",
            "Listening on http://127.0.0.1:1234",
            "      Process 77 was ready after 345 ms and accepts from here on. This one serves what it has accepted, and ends.",
            "      Process 78 is to succeed this one: it has its listening sockets, and takes over when it is ready.",
            "      No successor: it has ended with exit code 1. This process goes on serving, and tries again in 00:00:01.",
        })
        {
            generations.OnLine(line);
        }

        Assert.Equal(new Uri("http://127.0.0.1:1234"), await generations.Address);
        Assert.Equal([new(77, TimeSpan.FromMilliseconds(345))], generations.Takeovers);
        Assert.Equal(generations.Takeovers, told);
        Assert.Equal([77, 78], generations.Started);
        Assert.StartsWith("No successor: it has ended", Assert.Single(generations.Failures), StringComparison.Ordinal);
    }
}

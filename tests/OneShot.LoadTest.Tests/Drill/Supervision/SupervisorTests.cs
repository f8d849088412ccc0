using System.Globalization;
using OneShot.LoadTest.Drill.Supervision;

namespace OneShot.LoadTest.Tests.Drill.Supervision;

public class SupervisorTests
{
    private static readonly ProbeRule s_startup = new("/livez", TimeSpan.FromSeconds(1), TimeSpan.FromSeconds(1), 5);
    private static readonly ProbeRule s_liveness = new("/livez", TimeSpan.FromSeconds(10), TimeSpan.FromSeconds(1), 3);

    private readonly VirtualTime _time = new();
    private readonly List<string> _diary = [];
    private readonly List<FakeContainer> _containers = [];

    private FakeContainer Current => _containers[^1];

    [Fact]
    public Task Liveness_is_asked_for_once_startup_has_succeeded() => Kubernetes(() => new FakeContainer(_time, _diary) { Healthy = false }, () =>
    {
        _time.Advance(TimeSpan.FromSeconds(2.5));
        Current.Healthy = true;
        _time.Advance(TimeSpan.FromSeconds(20));

        Assert.Equal(["0.0 started", "0.0 probe fails", "1.0 probe fails", "2.0 probe fails", "3.0 probe", "3.0 probe", "13.0 probe"], _diary);
    });

    [Fact]
    public Task A_container_that_does_not_start_is_stopped_by_its_startup_probe() => Kubernetes(() => new FakeContainer(_time, _diary) { Healthy = false }, () =>
    {
        _time.Advance(TimeSpan.FromSeconds(4.5));

        Assert.Equal(["4.0 probe fails", "4.0 stopping", "4.0 SIGTERM", "4.0 ended 0 after 4.0, back-off 0.0", "4.0 started"], _diary[5..10]);
    });

    [Fact]
    public Task The_third_failure_in_a_row_and_no_earlier_one_stops_it() => Kubernetes(() => new FakeContainer(_time, _diary), () =>
    {
        _time.Advance(TimeSpan.FromSeconds(5));
        Current.Healthy = false;
        _time.Advance(TimeSpan.FromSeconds(20)); // at 10 and 20
        Current.Healthy = true;
        _time.Advance(TimeSpan.FromSeconds(10)); // at 30: all is forgiven
        Current.Healthy = false;
        _time.Advance(TimeSpan.FromSeconds(24.9)); // at 40 and 50
        Assert.DoesNotContain(_diary, line => line.Contains("SIGTERM", StringComparison.Ordinal));

        _time.Advance(TimeSpan.FromSeconds(0.1)); // at 60

        Assert.Contains("60.0 SIGTERM", _diary);
        Assert.Equal(2, _containers.Count);
    });

    [Fact]
    public Task SIGKILL_comes_when_the_grace_period_is_over() => Kubernetes(() => new FakeContainer(_time, _diary) { IgnoresTerm = true }, () =>
    {
        Current.Healthy = false;
        _time.Advance(TimeSpan.FromSeconds(31)); // probes at 10, 20, 30

        Assert.Equal("30.0 SIGTERM", _diary[^1]);
        _time.Advance(TimeSpan.FromSeconds(28.9));
        Assert.Equal("30.0 SIGTERM", _diary[^1]);
        _time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.Contains("60.0 killing", _diary);
        Assert.Contains("60.0 ended 137 after 60.0, back-off 0.0", _diary);
        Assert.Equal(2, _containers.Count);
    });

    [Fact]
    public Task PreStop_comes_before_SIGTERM_and_counts_to_the_grace_period() => Kubernetes(
        () => new FakeContainer(_time, _diary) { IgnoresTerm = true },
        () =>
        {
            Current.Healthy = false;
            _time.Advance(TimeSpan.FromSeconds(34)); // probes at 10, 20, 30
            Assert.DoesNotContain(_diary, line => line.Contains("SIGTERM", StringComparison.Ordinal));

            _time.Advance(TimeSpan.FromSeconds(27));

            Assert.Contains("35.0 SIGTERM", _diary);
            Assert.Contains("60.0 killing", _diary);
        },
        preStop: TimeSpan.FromSeconds(5));

    [Fact]
    public Task A_container_that_ends_by_itself_is_started_again_after_the_back_off() => Kubernetes(() => new FakeContainer(_time, _diary), () =>
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        Current.Exit(0);
        Assert.Equal(2, _containers.Count); // the first time at once
        _time.Advance(TimeSpan.FromSeconds(1));
        Current.Exit(1);
        _time.Advance(TimeSpan.FromSeconds(9.9));
        Assert.Equal(2, _containers.Count);
        _time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.Equal(3, _containers.Count);
        Assert.Contains("2.0 ended 1 after 1.0, back-off 10.0", _diary);
        Assert.Equal("12.0 started", _diary[^3]);
    });

    [Fact]
    public Task Docker_probes_nothing_and_restarts_what_ends() => Run(SupervisionRules.Compose, () => new FakeContainer(_time, _diary) { Healthy = false }, () =>
    {
        _time.Advance(TimeSpan.FromHours(1));
        Assert.Equal(["0.0 started"], _diary);

        Current.Exit(0);
        _time.Advance(TimeSpan.FromSeconds(0.1));

        Assert.Equal(["3600.0 ended 0 after 3600.0, back-off 0.1", "3600.1 started"], _diary[1..]);
    });

    [Fact]
    public async Task Cancelled_it_stops_the_container_and_starts_no_other()
    {
        await Kubernetes(() => new FakeContainer(_time, _diary), () => _time.Advance(TimeSpan.FromSeconds(1)));

        Assert.Equal(["1.0 stopping", "1.0 SIGTERM", "1.0 ended 0 after 1.0, back-off 0.0"], _diary[^3..]);
        Assert.Single(_containers);
    }

    private Task Kubernetes(Func<FakeContainer> create, Action test, TimeSpan preStop = default) =>
        Run(new SupervisionRules(s_startup, s_liveness, preStop, TimeSpan.FromSeconds(30), () => new CrashLoopBackOff(new(1))), create, test);

    /// <summary>On a thread without a synchronisation context, so that everything the supervisor does happens inside the clock's advance.</summary>
    private Task Run(SupervisionRules rules, Func<FakeContainer> create, Action test) => Task.Run(async () =>
    {
        using CancellationTokenSource stop = new();
        Supervisor supervisor = new(rules, Create, new Diary(_time, _diary), _time);
        Task running = supervisor.RunAsync(stop.Token);

        test();

        stop.Cancel();
        if (!running.IsCompleted)
        {
            _time.Advance(TimeSpan.FromMinutes(1)); // the grace period of those that ignore SIGTERM
        }

        await running;

        IContainer Create()
        {
            _containers.Add(create());
            return Current;
        }
    });

    private sealed class Diary(VirtualTime time, List<string> lines) : ISupervisionLog
    {
        public void Started() => Note("started");

        public void Terminating() => Note("stopping");

        public void Killing() => Note("killing");

        public void Ended(int exitCode, TimeSpan life, TimeSpan backOff) =>
            Note(string.Create(CultureInfo.InvariantCulture, $"ended {exitCode} after {life.TotalSeconds:0.0}, back-off {backOff.TotalSeconds:0.0}"));

        private void Note(string what) => lines.Add(string.Create(CultureInfo.InvariantCulture, $"{time.Seconds:0.0} {what}"));
    }
}

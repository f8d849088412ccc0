using System.Reflection;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using OneShot.AspNetCore.Http1.Timeouts;

namespace OneShot.AspNetCore.Tests.Http1;

/// <summary>When a connection's clocks run out, to the tick: at every place between two heartbeats, with late ones, beside Kestrel's own.</summary>
public sealed class ConnectionTimeoutsTests
{
    private static readonly TimeSpan s_step = TimeSpan.FromMilliseconds(50);
    private static readonly TimeSpan s_interval = TimeSpan.FromSeconds(1);

    private readonly List<TimeoutReason> _reasons = [];
    private readonly ManualClock _clock = new();
    private TimeSpan _now;

    public static TheoryData<int> Timeouts => [0, 50, 950, 1000, 1050, 3000, 4950];

    [Theory]
    [MemberData(nameof(Timeouts))]
    public void A_timeout_comes_never_early_and_at_most_an_interval_late_wherever_between_two_ticks_it_is_set(int milliseconds)
    {
        var timeout = TimeSpan.FromMilliseconds(milliseconds);
        for (TimeSpan phase = TimeSpan.Zero; phase < s_interval; phase += s_step)
        {
            ConnectionTimeouts timeouts = Create();
            timeouts.Tick();
            Wait(phase);
            timeouts.Start(TimeoutReason.KeepAlive, timeout);

            TimeSpan waited = UntilTimeout(timeouts, s_interval - phase);

            Assert.InRange(waited, timeout, TimeSpan.FromSeconds(Math.Ceiling(timeout.TotalSeconds)) + s_interval);
        }
    }

    /// <summary>The process is starved: its heartbeat comes as late as it likes.</summary>
    [Theory]
    [MemberData(nameof(Timeouts))]
    public void A_timeout_comes_never_early_however_late_the_ticks_are(int milliseconds)
    {
        var timeout = TimeSpan.FromMilliseconds(milliseconds);
        var random = new Random(17);
        for (int i = 0; i < 1000; i++)
        {
            ConnectionTimeouts timeouts = Create();
            Wait(s_step * random.Next(200));
            timeouts.Start(TimeoutReason.RequestHead, timeout);
            TimeSpan begun = _now;
            while (_reasons.Count == 0)
            {
                Wait(s_step * random.Next(random.Next(5) == 0 ? 200 : 25));
                timeouts.Tick();
            }

            Assert.True(_now - begun >= timeout, $"{_now - begun} instead of {timeout}");
        }
    }

    /// <summary>Kestrel's own clock, which is internal to it, over the same ticks.</summary>
    [Fact]
    public void A_timeout_comes_with_the_same_tick_as_Kestrels_or_when_that_is_the_exact_end_one_earlier()
    {
        foreach (int milliseconds in new[] { 500, 1000, 3000, 4950 })
        {
            for (TimeSpan phase = TimeSpan.Zero; phase < s_interval; phase += s_step)
            {
                ConnectionTimeouts timeouts = Create();
                KestrelTimeouts kestrel = new(_clock);
                timeouts.Tick();
                kestrel.Tick();
                Wait(phase);
                timeouts.Start(TimeoutReason.KeepAlive, TimeSpan.FromMilliseconds(milliseconds));
                kestrel.Start(TimeSpan.FromMilliseconds(milliseconds));

                int ours = 0;
                int theirs = 0;
                Wait(s_interval - phase);
                for (int tick = 1; ours == 0 || theirs == 0; tick++, Wait(s_interval))
                {
                    timeouts.Tick();
                    kestrel.Tick();
                    ours = ours == 0 && _reasons.Count > 0 ? tick : ours;
                    theirs = theirs == 0 && kestrel.IsTimedOut ? tick : theirs;
                }

                Assert.Equal(milliseconds % 1000 == 0 ? theirs - 1 : theirs, ours);
            }
        }
    }

    [Theory]
    [InlineData(TimeoutReason.KeepAlive)]
    [InlineData(TimeoutReason.RequestHead)]
    [InlineData(TimeoutReason.RequestBodyRate)]
    [InlineData(TimeoutReason.ResponseRate)]
    internal void A_pause_of_the_process_counts_for_one_interval(TimeoutReason reason)
    {
        ConnectionTimeouts timeouts = Create();
        Begin(timeouts, reason, TimeSpan.FromSeconds(5));

        for (int i = 0; i < 3; i++)
        {
            Wait(TimeSpan.FromHours(1));
            timeouts.Tick();
        }

        Assert.Empty(_reasons);
        Assert.InRange(UntilTimeout(timeouts, s_interval), TimeSpan.FromSeconds(2), TimeSpan.FromSeconds(4));
        Assert.Equal(reason, Assert.Single(_reasons));
    }

    [Theory]
    [InlineData(TimeoutReason.KeepAlive)]
    [InlineData(TimeoutReason.RequestHead)]
    [InlineData(TimeoutReason.RequestBodyRate)]
    [InlineData(TimeoutReason.ResponseRate)]
    internal void Time_with_a_debugger_attached_does_not_count(TimeoutReason reason)
    {
        bool isDebugged = true;
        ConnectionTimeouts timeouts = Create(() => isDebugged);
        Begin(timeouts, reason, TimeSpan.FromSeconds(5));

        for (int i = 0; i < 1000; i++)
        {
            Wait(s_interval);
            timeouts.Tick();
        }

        Assert.Empty(_reasons);
        isDebugged = false;
        Assert.InRange(UntilTimeout(timeouts, s_interval), TimeSpan.FromSeconds(5), TimeSpan.FromSeconds(7));
    }

    /// <summary>A rate is owed from the write on, wherever between two ticks that is.</summary>
    [Fact]
    public void A_write_is_given_its_whole_time()
    {
        foreach ((long bytes, int seconds) in new[] { (100L, 5), (2400L, 10) })
        {
            for (TimeSpan phase = TimeSpan.Zero; phase < s_interval; phase += s_step)
            {
                ConnectionTimeouts timeouts = Create();
                timeouts.Tick();
                Wait(phase);
                timeouts.CountWrite(bytes, new MinDataRate(240, TimeSpan.FromSeconds(5)));
                timeouts.BeginWrite();

                TimeSpan waited = UntilTimeout(timeouts, s_interval - phase);

                Assert.InRange(waited, TimeSpan.FromSeconds(seconds), TimeSpan.FromSeconds(seconds) + s_interval + s_step);
            }
        }
    }

    private ConnectionTimeouts Create(Func<bool>? isDebugged = null)
    {
        _reasons.Clear();
        return new ConnectionTimeouts(_clock, _reasons.Add, isDebugged ?? (static () => false));
    }

    private static void Begin(ConnectionTimeouts timeouts, TimeoutReason reason, TimeSpan timeout)
    {
        switch (reason)
        {
            case TimeoutReason.RequestBodyRate:
                timeouts.BeginBody(new MinDataRate(240, timeout));
                timeouts.BeginRead();
                break;
            case TimeoutReason.ResponseRate:
                timeouts.CountWrite(1, new MinDataRate(240, timeout));
                timeouts.BeginWrite();
                break;
            default:
                timeouts.Start(reason, timeout);
                break;
        }
    }

    private void Wait(TimeSpan span)
    {
        _now += span;
        _clock.Move(span);
    }

    /// <summary>Ticks once an interval until a timeout comes; how long that took.</summary>
    private TimeSpan UntilTimeout(ConnectionTimeouts timeouts, TimeSpan toFirstTick)
    {
        TimeSpan begun = _now;
        Wait(toFirstTick);
        timeouts.Tick();
        while (_reasons.Count == 0)
        {
            Wait(s_interval);
            timeouts.Tick();
        }

        return _now - begun;
    }

    /// <summary>The clock of Kestrel's connections, by reflection.</summary>
    private sealed class KestrelTimeouts
    {
        private const BindingFlags Any = BindingFlags.Instance | BindingFlags.Public | BindingFlags.NonPublic;

        private readonly TimeProvider _time;
        private readonly object _control;
        private readonly Handler _handler;

        internal KestrelTimeouts(TimeProvider time)
        {
            _time = time;
            Assembly kestrel = typeof(KestrelServerOptions).Assembly;
            Type control = kestrel.GetType("Microsoft.AspNetCore.Server.Kestrel.Core.Internal.Infrastructure.TimeoutControl", throwOnError: true)!;
            ConstructorInfo constructor = control.GetConstructors(Any)[0];
            Type handler = constructor.GetParameters()[0].ParameterType;
            object proxy = typeof(DispatchProxy).GetMethod(nameof(DispatchProxy.Create), 2, [])!.MakeGenericMethod(handler, typeof(Handler)).Invoke(null, null)!;
            _handler = (Handler)proxy;
            _control = constructor.Invoke([proxy, time]);
            Call("Initialize");
        }

        internal bool IsTimedOut => _handler.IsCalled;

        internal void Start(TimeSpan timeout)
        {
            MethodInfo start = _control.GetType().GetMethod("SetTimeout", Any, [typeof(TimeSpan), ReasonType])!;
            start.Invoke(_control, [timeout, Enum.ToObject(ReasonType, 1)]);
        }

        internal void Tick() => Call("Tick", _time.GetTimestamp());

        private Type ReasonType => _control.GetType().GetProperty("TimerReason", Any)!.PropertyType;

        private void Call(string method, params object[] arguments) => _control.GetType().GetMethod(method, Any)!.Invoke(_control, arguments);
    }

    /// <summary>Kestrel's handler of timeouts is an internal interface.</summary>
    public class Handler : DispatchProxy
    {
        internal bool IsCalled { get; private set; }

        protected override object? Invoke(MethodInfo? targetMethod, object?[]? args)
        {
            IsCalled = true;
            return null;
        }
    }
}

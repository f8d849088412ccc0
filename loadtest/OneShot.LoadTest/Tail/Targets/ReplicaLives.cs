using OneShot.LoadTest.Servers;

namespace OneShot.LoadTest.Tail.Targets;

/// <summary>
/// Adds up what the processes of replicas cost during a turn, of which there are more than replicas: one that ends tells its figures itself
/// (<see cref="LifeFigures"/>), one that outlives the turn is asked. CPU counts from the start of a process; collections and pauses from when
/// it listens, because filling its cache stops no request.
/// </summary>
/// <remarks>Thread-safe.</remarks>
internal sealed class ReplicaLives(int replicas)
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(60);
    private static readonly TimeSpan s_look = TimeSpan.FromMilliseconds(50);

    private readonly Lock _lock = new();
    private readonly Life?[] _current = new Life?[replicas];
    private readonly List<GcPause> _pauses = [];
    private double _cpu;
    private GcStats _gc = new(0, 0, 0);
    private int _lost;
    private bool _counts;

    /// <summary>A process was started.</summary>
    public void Started(int replica)
    {
        lock (_lock)
        {
            _current[replica] = new Life();
        }
    }

    /// <summary>A line of its output.</summary>
    public void OnLine(int replica, string line)
    {
        (LifeFigures Figures, bool HasEnded)? read;
        try
        {
            read = LifeFigures.Read(line);
        }
        catch (LoadTestException)
        {
            return; // killed in the middle of it: then it is one of those that are lost
        }

        lock (_lock)
        {
            if (read is not { } told || _current[replica] is not { } life)
            {
                return;
            }

            if (!told.HasEnded)
            {
                life.Listens(told.Figures.Stats, countsFromStart: _counts);
            }
            else if (!life.IsOver)
            {
                Add(life, told.Figures.Stats, told.Figures.GcPauses);
            }
        }
    }

    /// <summary>It has ended, and all of its output is read.</summary>
    public void Ended(int replica)
    {
        lock (_lock)
        {
            if (_current[replica] is { IsOver: false } life)
            {
                life.IsOver = true;
                _lost += _counts ? 1 : 0;
            }
        }
    }

    /// <summary>Counts from here on.</summary>
    /// <param name="read">Asks a replica that listens; <see cref="HttpRequestException"/> while it ends.</param>
    /// <param name="cancellationToken">Ends the wait.</param>
    /// <exception cref="LoadTestException">One neither answers nor ends.</exception>
    public async Task BeginAsync(Func<int, CancellationToken, Task<ServerStats>> read, CancellationToken cancellationToken)
    {
        await Task.WhenAll(Enumerable.Range(0, replicas).Select(replica => AskAsync(
            replica, async cancel => (await read(replica, cancel), []), (life, stats, _) => life.CountFrom(stats), cancellationToken)));
        lock (_lock)
        {
            _counts = true;
        }
    }

    /// <summary>Adds those that still run, and counts no more.</summary>
    /// <exception cref="LoadTestException">One neither answers nor ends.</exception>
    public async Task<LivesTotal> EndAsync(Func<int, CancellationToken, Task<(ServerStats Stats, IReadOnlyList<GcPause> Pauses)>> read, CancellationToken cancellationToken)
    {
        await Task.WhenAll(Enumerable.Range(0, replicas).Select(replica => AskAsync(replica, cancel => read(replica, cancel), Add, cancellationToken)));
        lock (_lock)
        {
            _counts = false;
            return new LivesTotal(_cpu, _gc, [.. _pauses.OrderBy(pause => pause.At)], _lost);
        }
    }

    /// <summary>Asks a replica until it answers, unless it is over or does not listen yet: then it tells by itself, or has nothing to tell.</summary>
    private async Task AskAsync(
        int replica,
        Func<CancellationToken, Task<(ServerStats Stats, IReadOnlyList<GcPause> Pauses)>> ask,
        Action<Life, ServerStats, IReadOnlyList<GcPause>> take,
        CancellationToken cancellationToken)
    {
        long started = TimeProvider.System.GetTimestamp();
        while (ListeningLifeOf(replica) is { } life)
        {
            try
            {
                (ServerStats stats, IReadOnlyList<GcPause> pauses) = await ask(cancellationToken);
                lock (_lock)
                {
                    // It may have ended since, and told more.
                    if (!life.IsOver)
                    {
                        take(life, stats, pauses);
                    }
                }

                return;
            }
            catch (Exception exception) when (exception is HttpRequestException or TaskCanceledException && !cancellationToken.IsCancellationRequested)
            {
                if (TimeProvider.System.GetElapsedTime(started) > s_patience)
                {
                    throw new LoadTestException($"Replica {replica + 1} does not tell its figures: {exception.Message}");
                }
            }

            await Task.Delay(s_look, cancellationToken);
        }
    }

    private Life? ListeningLifeOf(int replica)
    {
        lock (_lock)
        {
            return _current[replica] is { IsOver: false, Since: not null } life ? life : null;
        }
    }

    private void Add(Life life, ServerStats stats, IReadOnlyList<GcPause> pauses)
    {
        life.IsOver = true;
        if (_counts && life.Since is { } since)
        {
            _cpu += stats.CpuMicroseconds - life.Cpu;
            GcStats gc = stats.Gc - life.Gc;
            _gc = new GcStats(_gc.Gen0 + gc.Gen0, _gc.Gen1 + gc.Gen1, _gc.Gen2 + gc.Gen2);
            _pauses.AddRange(pauses.Where(pause => pause.At >= since));
        }
    }

    /// <summary>A process, from its start to its end.</summary>
    private sealed class Life
    {
        /// <summary>It listens since then, UTC.</summary>
        public DateTime? Since { get; private set; }

        /// <summary>What it had cost when the counting began.</summary>
        public long Cpu { get; private set; }

        public GcStats Gc { get; private set; } = new(0, 0, 0);

        /// <summary>Its figures are taken, or will not come.</summary>
        public bool IsOver { get; set; }

        public void Listens(ServerStats stats, bool countsFromStart)
        {
            Since = DateTime.UtcNow;
            CountFrom(stats);
            Cpu = countsFromStart ? 0 : Cpu;
        }

        public void CountFrom(ServerStats stats)
        {
            Cpu = stats.CpuMicroseconds;
            Gc = stats.Gc;
        }
    }
}

/// <summary>Of all processes of all replicas.</summary>
/// <param name="Pauses">In the order of time; also those of before the counting began, of processes that ran already.</param>
/// <param name="Lost">Processes that ended without telling.</param>
internal sealed record LivesTotal(double CpuMicroseconds, GcStats Gc, IReadOnlyList<GcPause> Pauses, int Lost);

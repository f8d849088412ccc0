using System.Globalization;
using OneShot.LoadTest.Servers;
using OneShot.LoadTest.Tail.Targets;

namespace OneShot.LoadTest.Tests.Tail.Targets;

public class ReplicaLivesTests
{
    private static CancellationToken Cancel => TestContext.Current.CancellationToken;

    [Fact]
    public async Task A_process_that_outlives_the_turn_counts_what_it_cost_meanwhile()
    {
        ReplicaLives lives = Running(cpu: 500, gen0: 3);

        await lives.BeginAsync((_, _) => Task.FromResult(Stats(cpu: 1_000, gen0: 4)), Cancel);
        LivesTotal total = await lives.EndAsync((_, _) => Answer(cpu: 1_700, gen0: 6), Cancel);

        Assert.Equal(700, total.CpuMicroseconds);
        Assert.Equal(new GcStats(2, 0, 0), total.Gc);
        Assert.Equal(0, total.Lost);
    }

    [Fact]
    public async Task A_process_that_ends_tells_by_itself_and_the_next_one_counts_from_its_start()
    {
        ReplicaLives lives = Running(cpu: 500, gen0: 3);
        await lives.BeginAsync((_, _) => Task.FromResult(Stats(cpu: 1_000, gen0: 4)), Cancel);

        lives.OnLine(0, Line("end", cpu: 1_300, gen0: 5));
        lives.Ended(0);
        lives.Started(0);
        lives.OnLine(0, "Listening on http://127.0.0.1:20000");
        // Filling its cache: CPU that the restart has cost, and collections that have stopped no request.
        lives.OnLine(0, Line("start", cpu: 400, gen0: 30));
        LivesTotal total = await lives.EndAsync((_, _) => Answer(cpu: 900, gen0: 31), Cancel);

        Assert.Equal(300 + 900, total.CpuMicroseconds);
        Assert.Equal(new GcStats(2, 0, 0), total.Gc);
        Assert.Equal(0, total.Lost);
    }

    [Fact]
    public async Task Pauses_count_from_when_a_process_listens()
    {
        ReplicaLives lives = new(1);
        await lives.BeginAsync((_, _) => throw new InvalidOperationException("Nothing listens yet."), Cancel);
        lives.Started(0);
        lives.OnLine(0, Line("start", cpu: 400, gen0: 30));

        LivesTotal total = await lives.EndAsync(
            (_, _) => Answer(cpu: 900, gen0: 31, new GcPause(DateTime.UtcNow.AddMinutes(-1), 7), new GcPause(DateTime.UtcNow.AddMinutes(1), 8)), Cancel);

        Assert.Equal(8, Assert.Single(total.Pauses).Microseconds);
    }

    [Fact]
    public async Task A_process_that_ends_without_a_word_is_lost_and_said_to_be()
    {
        ReplicaLives lives = Running(cpu: 500, gen0: 3);
        await lives.BeginAsync((_, _) => Task.FromResult(Stats(cpu: 1_000, gen0: 4)), Cancel);

        lives.OnLine(0, "Figures at the end: {\"stats\":{\"tra");
        lives.Ended(0);
        LivesTotal total = await lives.EndAsync((_, _) => throw new InvalidOperationException("There is nobody to ask."), Cancel);

        Assert.Equal(1, total.Lost);
        Assert.Equal(0, total.CpuMicroseconds);
    }

    [Fact]
    public async Task One_that_ends_while_it_is_asked_is_counted_once()
    {
        ReplicaLives lives = Running(cpu: 500, gen0: 3);
        await lives.BeginAsync((_, _) => Task.FromResult(Stats(cpu: 1_000, gen0: 4)), Cancel);

        LivesTotal total = await lives.EndAsync(
            (_, _) =>
            {
                lives.OnLine(0, Line("end", cpu: 1_300, gen0: 5));
                lives.Ended(0);
                return Task.FromException<(ServerStats, IReadOnlyList<GcPause>)>(new HttpRequestException("Connection refused"));
            },
            Cancel);

        Assert.Equal(300, total.CpuMicroseconds);
        Assert.Equal(0, total.Lost);
    }

    [Fact]
    public async Task What_ended_before_the_turn_is_no_part_of_it()
    {
        ReplicaLives lives = Running(cpu: 500, gen0: 3);
        lives.OnLine(0, Line("end", cpu: 1_300, gen0: 5));
        lives.Ended(0);
        lives.Started(0);
        lives.OnLine(0, Line("start", cpu: 400, gen0: 30));
        await lives.BeginAsync((_, _) => Task.FromResult(Stats(cpu: 450, gen0: 30)), Cancel);

        LivesTotal total = await lives.EndAsync((_, _) => Answer(cpu: 500, gen0: 30), Cancel);

        Assert.Equal(50, total.CpuMicroseconds);
        Assert.Equal(new GcStats(0, 0, 0), total.Gc);
    }

    /// <summary>One replica, which has told its figures at the start.</summary>
    private static ReplicaLives Running(long cpu, int gen0)
    {
        ReplicaLives lives = new(1);
        lives.Started(0);
        lives.OnLine(0, Line("start", cpu, gen0));
        return lives;
    }

    private static ServerStats Stats(long cpu, int gen0) => LifeFigures.Read(Line("end", cpu, gen0))!.Value.Figures.Stats;

    private static Task<(ServerStats, IReadOnlyList<GcPause>)> Answer(long cpu, int gen0, params GcPause[] pauses) =>
        Task.FromResult<(ServerStats, IReadOnlyList<GcPause>)>((Stats(cpu, gen0), pauses));

    private static string Line(string when, long cpu, int gen0) => string.Create(
        CultureInfo.InvariantCulture,
        $$$"""Figures at the {{{when}}}: {"stats":{"transport":"Sockets","processArena":{"capacity":1,"used":0},"requests":9,"managedBytesAllocated":1,"cpuMicroseconds":{{{cpu}}},"gc":{"gen0":{{{gen0}}},"gen1":0,"gen2":0}},"gcPauses":[]}""");
}

using System.Threading.Tasks.Sources;
using OneShot.Transport.Connections;

namespace OneShot.Transport.Tests.Connections;

public sealed class AnswerSourceTests
{
    public enum Answer
    {
        Result,
        Error,
        Canceled,
    }

    [Theory]
    [InlineData(Answer.Result, false)]
    [InlineData(Answer.Result, true)]
    [InlineData(Answer.Error, false)]
    [InlineData(Answer.Error, true)]
    [InlineData(Answer.Canceled, false)]
    [InlineData(Answer.Canceled, true)]
    public void Who_comes_second_is_told_and_runs_it(Answer answer, bool isAnsweredFirst)
    {
        var shared = new Shared();
        int runs = 0;
        int thread = 0;
        void OnRun()
        {
            runs++;
            thread = Environment.CurrentManagedThreadId;
        }

        if (isAnsweredFirst)
        {
            Assert.False(shared.TryAnswer(answer));
            Assert.True(shared.Await(OnRun));
            Assert.Equal(ValueTaskSourceStatus.Pending, shared.Status);
        }
        else
        {
            Assert.False(shared.Await(OnRun));
            Assert.True(shared.TryAnswer(answer));
        }

        Assert.Equal(0, runs);
        shared.Source.Run();

        Assert.Equal(1, runs);
        Assert.Equal(Environment.CurrentManagedThreadId, thread);
        shared.Check(answer);
    }

    [Theory]
    [InlineData(Answer.Result)]
    [InlineData(Answer.Error)]
    [InlineData(Answer.Canceled)]
    public void Who_is_awaited_already_answers_at_once(Answer answer)
    {
        var shared = new Shared();
        int runs = 0;
        Assert.False(shared.Await(() => runs++));
        Assert.Equal(AnswerStage.Awaited, shared.Source.Stage);

        shared.Source.Run(42, Shared.ErrorOf(answer));

        Assert.Equal(1, runs);
        shared.Check(answer);
    }

    [Theory]
    [InlineData(Answer.Result)]
    [InlineData(Answer.Error)]
    [InlineData(Answer.Canceled)]
    public async Task Who_only_looks_takes_it(Answer answer)
    {
        var shared = new Shared();
        Assert.Equal(ValueTaskSourceStatus.Pending, shared.Status);
        Assert.Throws<InvalidOperationException>(() => shared.Source.GetResult(shared.Token)); // not there yet

        Assert.False(shared.TryAnswer(answer));

        shared.Check(answer);
        shared.Check(answer); // as of the framework's: until the next one

        // Nobody may await it any more. Who does so is run on by the framework, once.
        var late = new TaskCompletionSource();
        Assert.False(shared.Await(late.SetResult));
        await late.Task.Soon();
    }

    [Fact]
    public void A_token_of_an_earlier_one_is_refused()
    {
        var shared = new Shared();
        Assert.False(shared.TryAnswer(Answer.Result));
        short before = shared.Token;
        shared.Check(Answer.Result);

        shared.Source.Reset();
        Assert.False(shared.TryAnswer(Answer.Result));

        Assert.Throws<InvalidOperationException>(() => shared.Source.GetStatus(before));
        Assert.Throws<InvalidOperationException>(() => shared.Source.GetResult(before));
        Assert.Throws<InvalidOperationException>(() => shared.Source.OnCompleted(static _ => { }, null, before, ValueTaskSourceOnCompletedFlags.None));
        Assert.Equal(AnswerStage.Answered, shared.Source.Stage);
        shared.Check(Answer.Result);
    }

    /// <summary>However the two meet, one of them is told, and it is run by who is told: never by the thread pool, which has nothing of it.</summary>
    [Fact]
    public void Of_two_that_meet_one_is_told()
    {
        const int Rounds = 100_000;
        var shared = new Shared();
        using var barrier = new Barrier(2);
        int[] told = new int[Rounds];
        int[] runs = new int[Rounds];
        bool wasElsewhere = false;

        void Meet(int round, bool awaits)
        {
            int run = round;
            bool isTold = awaits
                ? shared.Await(() =>
                {
                    wasElsewhere |= Thread.CurrentThread.IsThreadPoolThread;
                    Interlocked.Increment(ref runs[run]);
                })
                : shared.TryAnswer(Answer.Result);
            if (isTold)
            {
                Interlocked.Increment(ref told[round]);
                shared.Source.Run();
            }
        }

        Thread[] threads = [.. ((bool[])[false, true]).Select(awaits => new Thread(() =>
        {
            for (int round = 0; round < Rounds; round++)
            {
                barrier.SignalAndWait();
                Meet(round, awaits);
                barrier.SignalAndWait();
                if (awaits)
                {
                    shared.Source.Reset();
                }
            }
        }))];
        Array.ForEach(threads, static thread => thread.Start());
        Array.ForEach(threads, static thread => thread.Join());

        Assert.All(told, static times => Assert.Equal(1, times));
        Assert.All(runs, static times => Assert.Equal(1, times));
        Assert.False(wasElsewhere);
    }

    private sealed class Shared
    {
        public AnswerSource<int> Source; // not readonly: changed in place

        public short Token => Source.Version;

        public ValueTaskSourceStatus Status => Source.GetStatus(Token);

        public bool TryAnswer(Answer answer)
        {
            Source.Keep(42, ErrorOf(answer));
            return Source.TryMeet();
        }

        public static Exception? ErrorOf(Answer answer) => answer switch
        {
            Answer.Result => null,
            Answer.Error => new IOException("A test wants it so."),
            _ => new OperationCanceledException("A test wants it so."),
        };

        public bool Await(Action action) => Source.OnCompleted(static action => ((Action)action!)(), action, Token, ValueTaskSourceOnCompletedFlags.None);

        public void Check(Answer answer)
        {
            switch (answer)
            {
                case Answer.Result:
                    Assert.Equal(ValueTaskSourceStatus.Succeeded, Status);
                    Assert.Equal(42, Source.GetResult(Token));
                    break;
                case Answer.Error:
                    Assert.Equal(ValueTaskSourceStatus.Faulted, Status);
                    Assert.Throws<IOException>(() => Source.GetResult(Token));
                    break;
                default:
                    Assert.Equal(ValueTaskSourceStatus.Canceled, Status);
                    Assert.Throws<OperationCanceledException>(() => Source.GetResult(Token));
                    break;
            }
        }
    }
}

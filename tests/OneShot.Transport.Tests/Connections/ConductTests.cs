using OneShot.Transport.Connections;
using OneShot.Transport.Loops;

namespace OneShot.Transport.Tests.Connections;

public sealed class ConductTests
{
    [Fact]
    public void A_connection_is_tried_after_a_few_quick_turns_and_stays_so()
    {
        Conduct conduct = default;
        for (int turn = 0; turn < Conduct.Few; turn++)
        {
            Assert.False(conduct.IsTried);
            conduct.On(TurnKind.Quick);
        }

        for (int turn = 0; turn < 100; turn++)
        {
            Assert.True(conduct.IsTried);
            Assert.False(conduct.IsSuspect);
            conduct.On(TurnKind.Quick);
        }
    }

    [Fact]
    public void One_turn_that_keeps_its_thread_undoes_all_that_were_quick()
    {
        Conduct conduct = default;
        for (int turn = 0; turn < 100; turn++)
        {
            conduct.On(TurnKind.Quick);
        }

        conduct.On(TurnKind.Waited);

        Assert.True(conduct.IsSuspect);
        Assert.False(conduct.IsTried);
        Assert.Equal(1, QuickTurnsUntilTrusted(conduct));
    }

    [Theory]
    [InlineData(1, 1)]
    [InlineData(2, 2)]
    [InlineData(3, 3)]
    [InlineData(4, 4)]
    [InlineData(1000, 4)]
    public void The_more_turns_keep_their_thread_the_longer_it_is_suspect_up_to_a_bound(int offences, int quickTurns)
    {
        Conduct conduct = default;
        for (int offence = 0; offence < offences; offence++)
        {
            conduct.On(TurnKind.Computed);
        }

        Assert.Equal(quickTurns, QuickTurnsUntilTrusted(conduct));
    }

    [Fact]
    public void What_a_suspect_has_kept_its_thread_with_is_what_it_did_last()
    {
        Conduct conduct = default;
        Assert.False(conduct.IsComputing);
        conduct.On(TurnKind.Computed);
        Assert.True(conduct.IsComputing);
        conduct.On(TurnKind.Waited);
        Assert.False(conduct.IsComputing);
        conduct.On(TurnKind.Computed);
        conduct.On(TurnKind.Quick);
        Assert.True(conduct.IsComputing);
        _ = QuickTurnsUntilTrusted(ref conduct);
        Assert.False(conduct.IsComputing);
    }

    private static int QuickTurnsUntilTrusted(Conduct conduct) => QuickTurnsUntilTrusted(ref conduct);

    private static int QuickTurnsUntilTrusted(ref Conduct conduct)
    {
        int turns = 0;
        for (; conduct.IsSuspect; turns++)
        {
            conduct.On(TurnKind.Quick);
        }

        return turns;
    }
}

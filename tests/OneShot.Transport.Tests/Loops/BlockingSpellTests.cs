using OneShot.Transport.Loops;

namespace OneShot.Transport.Tests.Loops;

public sealed class BlockingSpellTests
{
    private static readonly TimeSpan s_bound = TimeSpan.FromMilliseconds(1);

    [Fact]
    public void Takes_in_a_row_begin_a_spell()
    {
        BlockingSpell spell = default;
        TimeSpan now = TimeSpan.FromHours(1);
        for (int take = 1; take < BlockingSpell.Takes; take++, now += BlockingSpell.BoundsBetween * s_bound)
        {
            spell.OnTake(now, s_bound);
            Assert.False(spell.IsOn);
        }

        spell.OnTake(now, s_bound);
        Assert.True(spell.IsOn);
    }

    [Fact]
    public void Takes_now_and_then_begin_none()
    {
        BlockingSpell spell = default;
        TimeSpan now = TimeSpan.FromHours(1);
        for (int take = 0; take < 1_000; take++, now += (BlockingSpell.BoundsBetween + 1) * s_bound)
        {
            spell.OnTake(now, s_bound);
            Assert.False(spell.IsOn);
        }
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    [InlineData(BlockingSpell.QuickTurns - 1)]
    public void A_spell_ends_after_quick_turns_in_a_row(int before)
    {
        BlockingSpell spell = Begun();
        for (int turn = 0; turn < before; turn++)
        {
            spell.OnTurn(TurnKind.Quick);
        }

        Assert.True(spell.IsOn);
        spell.OnTurn(TurnKind.Waited);
        for (int turn = 0; turn < BlockingSpell.QuickTurns; turn++)
        {
            Assert.True(spell.IsOn);
            spell.OnTurn(TurnKind.Quick);
        }

        Assert.False(spell.IsOn);
    }

    [Fact]
    public void Turns_begin_none()
    {
        BlockingSpell spell = default;
        for (int turn = 0; turn < 1_000; turn++)
        {
            spell.OnTurn(TurnKind.Waited);
        }

        Assert.False(spell.IsOn);
    }

    private static BlockingSpell Begun()
    {
        BlockingSpell spell = default;
        for (int take = 0; take < BlockingSpell.Takes; take++)
        {
            spell.OnTake(TimeSpan.FromHours(1), s_bound);
        }

        return spell;
    }
}

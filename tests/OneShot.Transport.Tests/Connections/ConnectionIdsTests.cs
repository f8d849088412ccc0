using OneShot.Transport.Connections;

namespace OneShot.Transport.Tests.Connections;

public sealed class ConnectionIdsTests
{
    [Theory]
    [InlineData(0, "0000000000000")]
    [InlineData(31, "000000000000V")]
    [InlineData(32, "0000000000010")]
    [InlineData(long.MaxValue, "7VVVVVVVVVVVV")]
    [InlineData(-1, "FVVVVVVVVVVVV")]
    public void They_are_thirteen_digits_of_base_32(long number, string id) => Assert.Equal(id, ConnectionIds.Format(number));

    [Fact]
    public void Each_is_after_the_last()
    {
        string last = ConnectionIds.Next();
        for (int i = 0; i < 1_000; i++)
        {
            string next = ConnectionIds.Next();
            Assert.True(string.CompareOrdinal(last, next) < 0);
            last = next;
        }
    }
}

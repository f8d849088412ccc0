using System.Text;
using OneShot.AspNetCore.Wire;

namespace OneShot.AspNetCore.Tests.Wire;

public class HeaderNameComparisonTests
{
    [Fact]
    public void Only_the_case_of_letters_is_disregarded_at_any_place_of_any_length()
    {
        foreach (int length in new[] { 1, 2, 7, 8, 9, 15, 16, 17, 24, 33 })
        {
            foreach (int place in new[] { 0, length / 2, length - 1 })
            {
                byte[] wire = new byte[length];
                byte[] name = new byte[length];
                Array.Fill(wire, (byte)'x');
                Array.Fill(name, (byte)'X');
                for (int left = 0; left < 128; left++)
                {
                    for (int right = 0; right < 256; right++)
                    {
                        wire[place] = (byte)left;
                        name[place] = (byte)right;
                        bool expected = Ascii.EqualsIgnoreCase(wire, name);
                        if (expected != HeaderNameComparison.AreEqual(wire, name))
                        {
                            Assert.Fail($"{left:X2} and {right:X2} at {place} of {length}");
                        }
                    }
                }
            }
        }
    }
}

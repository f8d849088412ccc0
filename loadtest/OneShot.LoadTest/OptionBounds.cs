using System.CommandLine;
using System.CommandLine.Parsing;
using System.Globalization;

namespace OneShot.LoadTest;

/// <summary>Numbers that make no sense are refused where they are read, with the ones that do.</summary>
internal static class OptionBounds
{
    public static Option<int> Within(this Option<int> option, int least, int most)
    {
        option.Validators.Add(result => Check(result, least, most));
        return option;
    }

    public static void Check(OptionResult result, int least, int most)
    {
        // A text that is no number has its own message already.
        if (result.Tokens.Count > 0 && int.TryParse(result.Tokens[0].Value, NumberStyles.Integer, CultureInfo.InvariantCulture, out int value) && (value < least || value > most))
        {
            result.AddError(string.Create(CultureInfo.InvariantCulture, $"{result.Option.Name} is {value}: give {least} to {most}."));
        }
    }
}

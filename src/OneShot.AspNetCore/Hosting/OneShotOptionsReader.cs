using System.Globalization;
using Microsoft.Extensions.Configuration;
using Microsoft.Extensions.Options;
using OneShot.AspNetCore.Restart;

namespace OneShot.AspNetCore.Hosting;

/// <summary>
/// Reads <see cref="OneShotOptions"/> from a configuration section, key by key.
/// </summary>
/// <remarks>
/// By hand rather than by the configuration binder: neither the reflecting binder's message ("Failed to convert") nor the
/// generated one says what to write, and the generated one takes no type of ours for a size. All bad keys are told at once.
/// </remarks>
internal sealed class OneShotOptionsReader(IConfiguration section) : IConfigureOptions<OneShotOptions>
{
    private readonly List<string> _failures = [];

    public void Configure(OneShotOptions options)
    {
        _failures.Clear();

        options.Capacity = Size(nameof(options.Capacity), options.Capacity, long.MaxValue);
        options.BlockSize = (int)Size(nameof(options.BlockSize), options.BlockSize, int.MaxValue);
        options.Reclamation = Choice(nameof(options.Reclamation), options.Reclamation);
        options.GenerationSize = Size(nameof(options.GenerationSize), options.GenerationSize, long.MaxValue);
        options.Exhaustion = Choice(nameof(options.Exhaustion), options.Exhaustion);
        options.HugePages = Switch(nameof(options.HugePages), options.HugePages);
        options.PreTouch = Size(nameof(options.PreTouch), options.PreTouch, long.MaxValue);
        options.Debug = Switch(nameof(options.Debug), options.Debug);

        RestartOptions restart = options.Restart;
        restart.WarnAt = Share($"{nameof(options.Restart)}:{nameof(restart.WarnAt)}", restart.WarnAt);
        restart.DrainAt = Share($"{nameof(options.Restart)}:{nameof(restart.DrainAt)}", restart.DrainAt);
        restart.LiveAt = Share($"{nameof(options.Restart)}:{nameof(restart.LiveAt)}", restart.LiveAt);

        if (_failures.Count > 0)
        {
            throw new OptionsValidationException(Options.DefaultName, typeof(OneShotOptions), _failures);
        }
    }

    private long Size(string key, long current, long max)
    {
        if (section[key] is not { } text)
        {
            return current;
        }

        if (ByteSize.TryParse(text, out long bytes) && bytes <= max)
        {
            return bytes;
        }

        return Fail(key, text, $"write {ByteSize.Syntax(max)}", current);
    }

    private T Choice<T>(string key, T current) where T : struct, Enum
    {
        if (section[key] is not { } text)
        {
            return current;
        }

        // By name: Enum.TryParse would take "7" for a value that does not exist, and "0" for one nobody can read.
        foreach (string name in Enum.GetNames<T>())
        {
            if (name.Equals(text.Trim(), StringComparison.OrdinalIgnoreCase))
            {
                return Enum.Parse<T>(name);
            }
        }

        return Fail(key, text, $"write {Choices.Of<T>()}", current);
    }

    private bool Switch(string key, bool current)
    {
        if (section[key] is not { } text)
        {
            return current;
        }

        return bool.TryParse(text, out bool on) ? on : Fail(key, text, "write true or false", current);
    }

    private double Share(string key, double current)
    {
        if (section[key] is not { } text)
        {
            return current;
        }

        return double.TryParse(text, NumberStyles.AllowDecimalPoint, CultureInfo.InvariantCulture, out double share) && double.IsFinite(share)
            ? share
            : Fail(key, text, "write a number between 0 and 1, such as 0.85", current);
    }

    private T Fail<T>(string key, string text, string remedy, T current)
    {
        string path = section is IConfigurationSection { Path: { Length: > 0 } prefix } ? $"{prefix}:{key}" : key;
        _failures.Add($"{path} is '{text}': {remedy}.");
        return current;
    }
}

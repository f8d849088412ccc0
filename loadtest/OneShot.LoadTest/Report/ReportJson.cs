using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace OneShot.LoadTest.Report;

/// <summary>Results as JSON: everything that was measured, under the names the code uses. Times of the machine in microseconds, spans as text.</summary>
internal static class ReportJson
{
    private static readonly JsonSerializerOptions s_options = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.CamelCase,
        WriteIndented = true,
        Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping,
        // A ratio over nothing is NaN.
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        Converters = { new JsonStringEnumConverter() },
    };

    public static string Serialize<T>(T result) => JsonSerializer.Serialize(result, s_options);

    /// <summary>Makes the file's folder where there is none: a measurement of minutes is not lost for that.</summary>
    public static void Write<T>(T result, string file)
    {
        Directory.CreateDirectory(Path.GetDirectoryName(Path.GetFullPath(file))!);
        File.WriteAllText(file, Serialize(result) + "\n");
    }
}

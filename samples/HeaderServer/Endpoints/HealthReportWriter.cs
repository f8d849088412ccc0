using System.Text.Json;
using Microsoft.Extensions.Diagnostics.HealthChecks;

namespace HeaderServer.Endpoints;

/// <summary>The health report as JSON, with the data of every check: a probe that fails should say why.</summary>
internal static class HealthReportWriter
{
    public static Task Write(HttpContext context, HealthReport report)
    {
        context.Response.ContentType = "application/json";
        using Utf8JsonWriter json = new(context.Response.BodyWriter);
        json.WriteStartObject();
        json.WriteString("status"u8, report.Status.ToString());
        json.WriteStartObject("checks"u8);
        foreach ((string name, HealthReportEntry entry) in report.Entries)
        {
            json.WriteStartObject(name);
            WriteEntry(json, entry);
            json.WriteEndObject();
        }

        json.WriteEndObject();
        json.WriteEndObject();
        return Task.CompletedTask;
    }

    private static void WriteEntry(Utf8JsonWriter json, HealthReportEntry entry)
    {
        json.WriteString("status"u8, entry.Status.ToString());
        json.WriteString("description"u8, entry.Description);
        json.WriteStartObject("data"u8);
        foreach ((string key, object value) in entry.Data)
        {
            json.WritePropertyName(key);
            WriteValue(json, value);
        }

        json.WriteEndObject();
    }

    private static void WriteValue(Utf8JsonWriter json, object value)
    {
        switch (value)
        {
            case long number: json.WriteNumberValue(number); break;
            case double number: json.WriteNumberValue(number); break;
            default: json.WriteStringValue(value.ToString()); break;
        }
    }
}

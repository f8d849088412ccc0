using System.Text.Json;

namespace LogParser;

/// <summary>What a line says, as bytes of the line. Both parsers take it from here, and keep what they keep their own way.</summary>
internal ref struct LogLine
{
    public DateTime Time;
    public ReadOnlySpan<byte> Level;
    public ReadOnlySpan<byte> Service;
    public ReadOnlySpan<byte> Method;
    public ReadOnlySpan<byte> Path;
    public ReadOnlySpan<byte> User;
    public ReadOnlySpan<byte> Message;
    public int Status;
    public double Milliseconds;

    /// <summary>The array, with its brackets: an element a call of <see cref="TryReadTag"/>.</summary>
    public ReadOnlySpan<byte> Tags;

    /// <param name="line">A JSON object.</param>
    /// <param name="unescaped">As many bytes as the line has: where texts lie that had to be unescaped.</param>
    /// <exception cref="JsonException">It is none.</exception>
    public static LogLine Parse(ReadOnlySpan<byte> line, Span<byte> unescaped)
    {
        LogLine parsed = default;
        var reader = new Utf8JsonReader(line);
        reader.Read();
        while (reader.Read() && reader.TokenType == JsonTokenType.PropertyName)
        {
            if (reader.ValueTextEquals("time"u8))
            {
                reader.Read();
                parsed.Time = reader.GetDateTime();
            }
            else if (reader.ValueTextEquals("level"u8))
            {
                parsed.Level = ReadText(ref reader, ref unescaped);
            }
            else if (reader.ValueTextEquals("service"u8))
            {
                parsed.Service = ReadText(ref reader, ref unescaped);
            }
            else if (reader.ValueTextEquals("method"u8))
            {
                parsed.Method = ReadText(ref reader, ref unescaped);
            }
            else if (reader.ValueTextEquals("path"u8))
            {
                parsed.Path = ReadText(ref reader, ref unescaped);
            }
            else if (reader.ValueTextEquals("user"u8))
            {
                parsed.User = ReadText(ref reader, ref unescaped);
            }
            else if (reader.ValueTextEquals("message"u8))
            {
                parsed.Message = ReadText(ref reader, ref unescaped);
            }
            else if (reader.ValueTextEquals("status"u8))
            {
                reader.Read();
                parsed.Status = reader.GetInt32();
            }
            else if (reader.ValueTextEquals("ms"u8))
            {
                reader.Read();
                parsed.Milliseconds = reader.GetDouble();
            }
            else if (reader.ValueTextEquals("tags"u8))
            {
                reader.Read();
                int start = (int)reader.TokenStartIndex;
                reader.Skip();
                parsed.Tags = line[start..(int)reader.BytesConsumed];
            }
            else
            {
                reader.Skip();
            }
        }

        return parsed;
    }

    /// <summary>The next of a line's tags, which have no escapes.</summary>
    public static bool TryReadTag(scoped ref ReadOnlySpan<byte> tags, out ReadOnlySpan<byte> tag)
    {
        int start = tags.IndexOf((byte)'"') + 1;
        if (start == 0)
        {
            tag = default;
            return false;
        }

        tags = tags[start..];
        int length = tags.IndexOf((byte)'"');
        tag = tags[..length];
        tags = tags[(length + 1)..];
        return true;
    }

    private static ReadOnlySpan<byte> ReadText(scoped ref Utf8JsonReader reader, scoped ref Span<byte> unescaped)
    {
        reader.Read();
        if (!reader.ValueIsEscaped)
        {
            return reader.ValueSpan;
        }

        ReadOnlySpan<byte> text = unescaped[..reader.CopyString(unescaped)];
        unescaped = unescaped[text.Length..];
        return text;
    }
}

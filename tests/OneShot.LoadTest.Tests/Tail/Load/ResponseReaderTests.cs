using System.Text;
using OneShot.LoadTest.Tail.Load;

namespace OneShot.LoadTest.Tests.Tail.Load;

public class ResponseReaderTests
{
    private static readonly byte[] s_whole = Encoding.ASCII.GetBytes("HTTP/1.1 200 OK\r\nContent-Length: 13\r\nContent-Type: text/plain\r\n\r\nHello, World!");

    [Fact]
    public void It_ends_where_its_length_says_and_not_a_byte_before()
    {
        for (int length = 0; length < s_whole.Length; length++)
        {
            Assert.False(ResponseReader.TryRead(s_whole.AsSpan(0, length), out _), $"{length} bytes");
        }

        Assert.True(ResponseReader.TryRead(s_whole, out Response response));
        Assert.Equal(new Response(200, s_whole.Length, Closes: false), response);
    }

    [Fact]
    public void Status_and_close_are_told()
    {
        Assert.True(ResponseReader.TryRead("HTTP/1.1 503 Busy\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"u8, out Response response));

        Assert.Equal(503, response.Status);
        Assert.True(response.Closes);
    }

    [Fact]
    public void Names_are_read_in_any_case()
    {
        Assert.True(ResponseReader.TryRead("HTTP/1.1 200 OK\r\nx-content-length: 7\r\ncontent-length:  2\r\nCONNECTION: Close\r\n\r\nok"u8, out Response response));

        Assert.Equal(2, response.Length - "HTTP/1.1 200 OK\r\nx-content-length: 7\r\ncontent-length:  2\r\nCONNECTION: Close\r\n\r\n".Length);
        Assert.True(response.Closes);
    }

    [Theory]
    [InlineData("SSH-2.0-OpenSSH\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n")]
    [InlineData("HTTP/1.1 OK\r\nContent-Length: 0\r\n\r\n")]
    [InlineData("HTTP/1.1 200 OK\r\nContent-Length: many\r\n\r\n")]
    public void What_is_none_is_refused(string text) =>
        Assert.Throws<InvalidDataException>(() => ResponseReader.TryRead(Encoding.ASCII.GetBytes(text), out _));
}

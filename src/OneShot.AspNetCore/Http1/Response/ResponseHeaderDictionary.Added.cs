using System.Text;
using Microsoft.Net.Http.Headers;

namespace OneShot.AspNetCore.Http1.Response;

/// <summary>The fields that the server has added itself, for whoever looks after the start.</summary>
internal sealed partial class ResponseHeaderDictionary
{
    private ResponseFields _added;
    private ConnectionField _addedConnection;
    private byte[] _addedDate = [];

    /// <summary>
    /// What the server itself has put on the wire beside the application's fields. Whoever looks after the start sees it, as on
    /// Kestrel: response caching tells by Transfer-Encoding whether it may add a length. Made only when somebody does look.
    /// </summary>
    internal void ShowLater(ResponseExtras extras, byte[] date)
    {
        _addedConnection = extras.Connection;
        _addedDate = date;
        _added = (extras.Chunked ? ResponseFields.TransferEncoding : ResponseFields.None)
            | (extras.Server ? ResponseFields.Server : ResponseFields.None)
            | (date.Length > 0 ? ResponseFields.Date : ResponseFields.None)
            | (extras.Connection != ConnectionField.None ? ResponseFields.Connection : ResponseFields.None);
    }

    private void ShowAdded()
    {
        if (_added != ResponseFields.None)
        {
            ShowAddedSlow();
        }
    }

    private void ShowAddedSlow()
    {
        ResponseFields added = _added;
        _added = ResponseFields.None;
        if ((added & ResponseFields.Connection) != 0)
        {
            Put(HeaderNames.Connection, _addedConnection == ConnectionField.Close ? "close" : "keep-alive", ResponseFields.Connection);
        }

        if ((added & ResponseFields.TransferEncoding) != 0)
        {
            Put(HeaderNames.TransferEncoding, "chunked", ResponseFields.TransferEncoding);
        }

        if ((added & ResponseFields.Server) != 0)
        {
            Put(HeaderNames.Server, "Kestrel", ResponseFields.Server);
        }

        if ((added & ResponseFields.Date) != 0)
        {
            Put(HeaderNames.Date, Encoding.ASCII.GetString(_addedDate, "Date: ".Length, _addedDate.Length - "Date: \r\n".Length), ResponseFields.Date);
        }
    }
}

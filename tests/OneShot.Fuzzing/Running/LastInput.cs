using System.IO.MemoryMappedFiles;
using OneShot.Fuzzing.Targets;

namespace OneShot.Fuzzing.Running;

/// <summary>The input at hand, in a file that outlives the process: a read beyond a guard page cannot be caught.</summary>
internal sealed class LastInput : IDisposable
{
    private readonly MemoryMappedFile _file;
    private readonly MemoryMappedViewAccessor _view;

    public LastInput(string path)
    {
        _file = MemoryMappedFile.CreateFromFile(path, FileMode.Create, null, FuzzTarget.LongestInput + sizeof(int));
        _view = _file.CreateViewAccessor();
    }

    /// <summary>The input that a process died of, or null.</summary>
    public static byte[]? Read(string path)
    {
        if (!File.Exists(path))
        {
            return null;
        }

        byte[] bytes = File.ReadAllBytes(path);
        return bytes[sizeof(int)..(sizeof(int) + BitConverter.ToInt32(bytes))];
    }

    public void Keep(byte[] input)
    {
        _view.Write(0, input.Length);
        _view.WriteArray(sizeof(int), input, 0, input.Length);
    }

    public void Dispose()
    {
        _view.Dispose();
        _file.Dispose();
    }
}

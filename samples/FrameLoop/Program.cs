using OneShot;

// A game loop: everything a frame needs lives in the arena and is gone with the frame. The GC sees none of it.
using var process = new ProcessArena(new() { Capacity = 16 << 20, Reclamation = ArenaReclamation.PerRequest });
using Arena arena = process.CreateArena();
var random = new Random(1);
int fullest = 0;
long managed = GC.GetAllocatedBytesForCurrentThread();
for (int frame = 0; frame < 10_000; frame++)
{
    Span<Particle> particles = arena.Allocate<Particle>(500 + random.Next(500));
    foreach (ref Particle particle in particles)
    {
        particle = new Particle(random.NextSingle(), random.NextSingle());
    }

    using (arena.Mark())                                  // scratch: rewound at the end of the block
    {
        Span<int> cells = arena.Allocate<int>(16 * 16);   // zeroed, every time
        foreach (Particle particle in particles)
        {
            fullest = Math.Max(fullest, ++cells[((int)(particle.X * 16) * 16) + (int)(particle.Y * 16)]);
        }
    }

    arena.Reset();                                        // the frame is over
}

managed = GC.GetAllocatedBytesForCurrentThread() - managed;
Console.WriteLine($"10000 frames: fullest cell {fullest}, native {process.Used} of {process.Capacity} bytes, managed {managed} bytes");

internal readonly record struct Particle(float X, float Y);

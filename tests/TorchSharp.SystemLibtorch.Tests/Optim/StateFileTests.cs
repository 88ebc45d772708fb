using TorchSharp.Modules;
using static TorchSharp.torch;

namespace TorchSharp.SystemLibtorch.Tests.Optim;

/// <summary>Optimizer states are saved in TorchSharp's own format: the bytes here were written by TorchSharp 0.107.</summary>
public class StateFileTests
{
    private static readonly Dictionary<string, Func<Parameter[], OptimizerHelper>> s_optimizers = new()
    {
        ["SGD"] = p => optim.SGD(p, 0.1, momentum: 0.9, dampening: 0.5, weight_decay: 0.25),
        ["Adam"] = p => optim.Adam(p, 0.1, amsgrad: true),
        ["AdamW"] = p => optim.AdamW(p, 0.2, beta1: 0.5, beta2: 0.75, weight_decay: 0.1, maximize: true),
        ["Adagrad"] = p => optim.Adagrad(p, 0.1, lr_decay: 0.1, weight_decay: 0.25, initial_accumulator_value: 0.5, eps: 1),
        ["RMSProp"] = p => optim.RMSProp(p, 0.1, alpha: 0.5, momentum: 0.5, centered: true),
    };

    [Theory]
    [InlineData("SGD", "A1NHRAECmpmZmZmZuT+amZmZmZm5P83MzMzMzOw/AAAAAAAA4D8AAAAAAADQPwAAAQYBAgAAoD8AAMA/AQYCAwEAAAhAAABAQAAA4D8=")]
    [InlineData("Adam", "BEFkYW0BApqZmZmZmbk/mpmZmZmZuT/NzMzMzMzsPyuHFtnO9+8/Ooww4o55RT4AAAAAAAAAAAEAAQAAAAAAAAAGAQLNzMw9zczMPQYBAm8SgzpvEoM6AQYBAm8SgzpvEoM6AQAAAAAAAAAGAgMBzcxMPs3MTD7NzEw+BgIDAW8SgztvEoM7bxKDOwEGAgMBbxKDO28SgztvEoM7")]
    [InlineData("AdamW", "BUFkYW1XAQKamZmZmZnJP5qZmZmZmck/AAAAAAAA4D8AAAAAAADoPzqMMOKOeUU+mpmZmZmZuT8AAQEAAAAAAAAABgECAAAAvwAAAL8GAQIAAIA+AACAPgABAAAAAAAAAAYCAwEAAIC/AACAvwAAgL8GAgMBAACAPwAAgD8AAIA/AA==")]
    [InlineData("Adagrad", "B0FkYWdyYWQBApqZmZmZmbk/mpmZmZmZuT+amZmZmZm5PwAAAAAAAOA/AAAAAAAA8D8AAAAAAADQPwEAAAAAAAAABgECAAAEQAAAMEABAAAAAAAAAAYCAwEAgKBAAAAYQQAAZEA=")]
    [InlineData("RMSProp", "B1JNU1Byb3ABApqZmZmZmbk/mpmZmZmZuT8AAAAAAAAA4D8AAAAAAADgPzqMMOKOeUU+AAAAAAAAAAABAQAAAAAAAAAGAQIAAAA/AAAAPwEGAQIAAABAAAAAQAEGAQIAAAA/AAAAPwEAAAAAAAAABgIDAQAAAEAAAABAAAAAQAEGAgMBAAAAQAAAAEAAAABAAQYCAwEAAIA/AACAPwAAgD8=")]
    public void A_state_is_saved_and_loaded_as_TorchSharp_does(string name, string written)
    {
        using var scope = NewDisposeScope();
        // Powers of two: one step gives the same bits on any machine.
        Parameter[] parameters = [new(tensor([1f, 2f])), new(tensor([0.5f, 4f, -1f]).reshape(3, 1))];
        using var optimizer = s_optimizers[name](parameters);
        (parameters[0].sum() + (parameters[1] * 2).sum()).backward();
        optimizer.step();
        Assert.Equal(written, Saved(optimizer));

        using var other = s_optimizers[name](parameters);
        other.load_state_dict(new BinaryReader(new MemoryStream(Convert.FromBase64String(written))));
        Assert.Equal(written, Saved(other));
    }

    private static string Saved(OptimizerHelper optimizer)
    {
        using var stream = new MemoryStream();
        optimizer.save_state_dict(new BinaryWriter(stream));
        return Convert.ToBase64String(stream.ToArray());
    }
}

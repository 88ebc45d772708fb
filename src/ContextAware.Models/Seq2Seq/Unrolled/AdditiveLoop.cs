using ContextAware.Attention;
using ContextAware.Loops;
using TorchSharp;
using static TorchSharp.torch;

namespace ContextAware.Models.Seq2Seq.Unrolled;

/// <summary>
/// A decoder's whole loop over a given target, additive attention and cell, with a backward pass by hand.
/// </summary>
/// <remarks>
/// With a = σ(2W_q s + 2(W_k k + b)), the scores are 2v·a but for a constant that softmax takes away. Query and gates of a
/// state come from one product; the weight gradients of all steps from one each.
/// With the gradient e of the scores: dv = 2 Σ e·a, dq = 4v·Σ_s e·a(1 − a), d(2k) = 2v·Σ_t e·a(1 − a).
/// A gated context is z = βc with β = σ(w s + b): for a gradient dz, d(w s + b) = (Σ dz·z)(1 − β) and dc = β·dz.
/// Shapes: T steps, B batch, S source length, A attention width, C context width, D state width, G gates.
/// </remarks>
internal sealed class AdditiveLoop : autograd.MultiTensorFunction<AdditiveLoop>
{
    private const string SettingsKey = "settings";
    private const string GradientsKey = "gradients";

    private static readonly Scalar MinusOne = -1;
    private static readonly Scalar One = 1;

    /// <inheritdoc/>
    public override string Name => nameof(AdditiveLoop);

    /// <summary>Runs the loop.</summary>
    /// <param name="kind">GRU or LSTM.</param>
    /// <param name="inputs">Everything that may need a gradient.</param>
    /// <param name="source">Which positions may be looked at; the same for all steps.</param>
    /// <param name="needWeights">Whether to give the weights out. What nobody asks for needs no gradient.</param>
    /// <returns>The states after each step <c>[T,B,D]</c>, the contexts, gated if there is a gate, <c>[T,B,C]</c>, the weights <c>[T,B,S]</c> or null.</returns>
    public static (Tensor States, Tensor Contexts, Tensor? Weights) Run(CellKind kind, AdditiveInputs inputs, AttentionSource source, bool needWeights)
    {
        var outputs = apply([.. inputs.ToList(), new LoopSettings(kind, source, inputs.GateWeight is not null, needWeights)]);
        return (outputs[0], outputs[1], needWeights ? outputs[2] : null);
    }

    /// <inheritdoc/>
    public override List<Tensor> forward(autograd.AutogradContext ctx, params object[] vars)
    {
        var settings = (LoopSettings)vars[^1];
        var given = vars[..^1].Cast<Tensor>().ToList();
        using var scope = NewDisposeScope();
        var inputs = AdditiveInputs.From(given, settings.Kind, settings.IsGated);
        var steps = CellSteps.Begin(settings.Kind, inputs.Projected, inputs.CandidateBias, inputs.State, inputs.Memory);
        var contexts = inputs.Projected.new_empty(steps.Count, inputs.Values.shape[0], inputs.Values.shape[2]);
        var gates = settings.IsGated ? inputs.Projected.new_empty(steps.Count, inputs.Values.shape[0], 1) : null;      // β [T,B,1]
        var (weights, activations) = Loop(inputs, settings, steps, contexts.unbind(0), gates?.unbind(0));
        var looked = stack(weights);
        // The outputs are views: what a graph keeps must not be what it gives out.
        List<Tensor> outputs = [steps.Outputs, contexts.alias(), .. Present(settings.NeedWeights ? looked.alias() : null)];
        var allowed = settings.Source.Allowed;
        List<Tensor> saved = [.. given, contexts, looked, .. Present(gates), .. steps.Saved, .. activations, .. Present(allowed?.squeeze(1))];
        ctx.save_for_backward(saved);
        // TorchSharp would make them from tensors that the caller's dispose scope has freed.
        ctx.set_materialize_grads(false);
        ctx.save_data(SettingsKey, new SavedSettings(settings.Kind, allowed is not null, settings.IsGated));
        scope.MoveToOuter([.. outputs, .. saved.Skip(given.Count)]);
        return outputs;
    }

    /// <inheritdoc/>
    public override List<Tensor> backward(autograd.AutogradContext ctx, List<Tensor> grad_outputs)
    {
        using var scope = NewDisposeScope();
        var settings = (SavedSettings)ctx.get_data(SettingsKey);
        var saved = ctx.get_saved_variables();
        var incoming = Materialize(settings, saved, grad_outputs);
        // A gradient that is itself to be differentiated needs a graph.
        var gradients = is_grad_enabled()
            ? Differentiable(settings, saved, incoming)
            : Back(settings, saved, incoming);
        scope.MoveToOuter(gradients);
        gradients.Add(null!);
        // The native side copies these after this method has returned: nothing else keeps their finalizers from running.
        ctx.save_data(GradientsKey, gradients);
        return gradients;
    }

    private static (Tensor[] Weights, Tensor[] Activations) Loop(AdditiveInputs inputs, LoopSettings settings, CellSteps steps, Tensor[] contexts, Tensor[]? gates)
    {
        var (weights, activations) = (new Tensor[steps.Count], new Tensor[steps.Count]);
        var gatesWidth = inputs.StateWeight.shape[0];
        var (width, batch, longest) = (inputs.Vector.shape[0], inputs.Values.shape[0], inputs.Values.shape[1]);
        var fromStates = inputs.FromState.t();                                             // [D,G·D+A(+1)]
        var fromContexts = inputs.ContextWeight.t();                                       // [C,G·D]
        var doubledVector = inputs.Vector * 2;
        var goesByLoops = inputs.GoesByLoops;
        for (var step = 0; step < steps.Count; step++)
        {
            using var scope = NewDisposeScope();
            var fromState = mm(steps.State(step), fromStates);                             // [B,G·D+A(+1)]
            var query = fromState.narrow(1, gatesWidth, width).unsqueeze(1);               // [B,1,A]
            // The loops need a query only, in both directions; libtorch's operations what they made of it.
            var active = goesByLoops ? query.contiguous() : inputs.DoubledKeys.add(query, 2).sigmoid_();    // [B,S,A]
            var scores = goesByLoops ? TanhLoops.Scores(active, inputs.DoubledKeys, inputs.Vector).squeeze(1)
                : mv(active.view(-1, width), doubledVector).view(batch, longest);
            var looked = settings.Source.Softmax(scores);                    // [B,S]
            contexts[step].copy_(WeightedSum.Over(looked, inputs.Values));
            if (gates is not null)
                contexts[step].mul_(gates[step].copy_(fromState.narrow(1, gatesWidth + width, 1)).add_(inputs.GateBias!).sigmoid_());
            steps.GatesAt(step).addmm_(contexts[step], fromContexts);
            steps.Forward(step, fromState.narrow(1, 0, gatesWidth));
            (weights[step], activations[step]) = (looked.MoveToOuterDisposeScope(), active.MoveToOuterDisposeScope());
        }

        return (weights, activations);
    }

    // What nobody asked about has a gradient of zero.
    private static List<Tensor> Materialize(SavedSettings settings, List<Tensor> saved, List<Tensor> gradients)
    {
        var first = AdditiveInputs.Count(settings.IsGated);
        var steps = CellSteps.Restore(settings.Kind, saved[settings.Steps..]);
        Tensor[] outputs = [steps.Outputs, saved[first], saved[first + 1]];
        return [.. gradients.Zip(outputs, (gradient, output) => gradient is null || gradient.IsInvalid ? zeros_like(output) : gradient)];
    }

    private static List<Tensor> Back(SavedSettings settings, List<Tensor> saved, List<Tensor> gradients)
    {
        var inputs = AdditiveInputs.From(saved, settings.Kind, settings.IsGated);
        var first = AdditiveInputs.Count(settings.IsGated);
        var (contexts, looked) = (saved[first], saved[first + 1]);
        var gates = settings.IsGated ? saved[first + 2].unbind(0) : null;
        var steps = CellSteps.Restore(settings.Kind, saved[settings.Steps..]);
        var activations = saved.GetRange(saved.Count - steps.Count - (settings.IsMasked ? 1 : 0), steps.Count);
        var weights = looked.unbind(0);
        var (toStates, toContexts, toWeights) = (gradients[0].unbind(0), gradients[1].unbind(0), gradients.Count > 2 ? gradients[2].unbind(0) : null);
        var gatesWidth = inputs.StateWeight.shape[0];
        var width = inputs.Vector.shape[0];
        var fromState = inputs.FromState;                                                  // [G·D+A(+1),D]
        var allFromState = looked.new_empty(steps.Count, weights[0].shape[0], fromState.shape[0]);
        var allToGates = steps.InputGradients(allFromState.narrow(2, 0, gatesWidth));
        var allToContexts = empty_like(contexts);
        var (fromStates, toGates, contextGradients) = (allFromState.unbind(0), allToGates.unbind(0), allToContexts.unbind(0));
        var gated = contexts.unbind(0);
        var keyGradient = zeros(inputs.DoubledKeys.shape, looked.dtype, looked.device);
        var vectorGradient = zeros_like(inputs.Vector);
        var queryScale = inputs.Vector * 4;
        var goesByLoops = inputs.GoesByLoops;
        var carry = inputs.State.new_zeros(inputs.State.shape);                           // rows side by side, as the loops want it
        for (var step = steps.Count - 1; step >= 0; step--)
        {
            using var scope = NewDisposeScope();
            carry.add_(toStates[step]);
            var direct = steps.Backward(step, carry, toGates[step], fromStates[step].narrow(1, 0, gatesWidth));
            var toContext = contextGradients[step].copy_(toContexts[step]).addmm_(toGates[step], inputs.ContextWeight);
            if (gates is not null) ThroughGate(toContext, gated[step], gates[step], fromStates[step].narrow(1, gatesWidth + width, 1));
            var toWeight = WeightedSum.ToWeights(toContext, inputs.Values);                // [B,S]
            if (toWeights is not null) toWeight.add_(toWeights[step]);
            var toScore = toWeight.mul_(weights[step]);
            toScore.addcmul_(weights[step], toScore.sum(1L, keepdim: true), MinusOne);
            var active = activations[step];
            var toQuery = fromStates[step].narrow(1, gatesWidth, width);
            if (goesByLoops)
            {
                TanhLoops.Differentiate(active, inputs.DoubledKeys, toScore.unsqueeze(1), toQuery.unsqueeze(1), keyGradient, vectorGradient);
            }
            else
            {
                vectorGradient.addmv_(active.view(-1, width).t(), toScore.view(-1));
                var slope = addcmul(active, active, active, MinusOne);                     // a − a² [B,S,A]
                toQuery.copy_(WeightedSum.Over(toScore, slope));
                keyGradient.addcmul_(slope, toScore.unsqueeze(2), One);
            }

            toQuery.mul_(queryScale);
            carry.copy_(mm(fromStates[step], fromState));
            if (direct is not null) carry.add_(direct);
        }

        var (flatGates, flatStates) = (allToGates.flatten(0, 1), allFromState.flatten(0, 1));
        var stateWeights = mm(flatStates.t(), steps.Previous.flatten(0, 1));               // [G·D+A,D]
        return
        [
            allToGates,
            keyGradient.mul_(inputs.Vector * 2),
            bmm(looked.permute(1, 2, 0), allToContexts.transpose(0, 1)),                   // [B,S,T]·[B,T,C]
            carry,
            mm(flatGates.t(), contexts.flatten(0, 1)),
            stateWeights.narrow(0, 0, gatesWidth),
            stateWeights.narrow(0, gatesWidth, width),
            vectorGradient.mul_(2),
            steps.LastGradient,
            .. gates is null ? [] : new[]
            {
                stateWeights.narrow(0, gatesWidth + width, 1),
                flatStates.narrow(1, gatesWidth + width, 1).sum(0L),
            },
        ];
    }

    // From the gradient of a gated context to that of the context, in place, and to that of the gate before its σ.
    private static void ThroughGate(Tensor toContext, Tensor context, Tensor gate, Tensor toGate)
    {
        toGate.copy_((toContext * context).sum(1L, keepdim: true)).addcmul_(toGate, gate, MinusOne);
        toContext.mul_(gate);
    }

    private static List<Tensor> Differentiable(SavedSettings settings, List<Tensor> saved, List<Tensor> gradients)
    {
        var inputs = AdditiveInputs.From(saved, settings.Kind, settings.IsGated);
        var (states, contexts, weights) = inputs.Follow(settings.IsMasked ? saved[^1] : null);
        Tensor[] outputs = [states, contexts, weights];
        return [.. autograd.grad(outputs[..gradients.Count], inputs.ToList(), gradients, create_graph: true, allow_unused: true)];
    }

    private static Tensor[] Present(Tensor? tensor) => tensor is null ? [] : [tensor];

    /// <summary>What is no input in the sense of autograd.</summary>
    private sealed record LoopSettings(CellKind Kind, AttentionSource Source, bool IsGated, bool NeedWeights);

    /// <summary>What is saved beside tensors.</summary>
    private sealed record SavedSettings(CellKind Kind, bool IsMasked, bool IsGated)
    {
        /// <summary>Where the cell's tensors begin: after the inputs, contexts, weights and gates.</summary>
        public int Steps => AdditiveInputs.Count(IsGated) + (IsGated ? 3 : 2);
    }
}

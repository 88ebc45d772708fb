// The whole native side of the stand-in: a plain C interface over libtorch's operator dispatcher.
// Operators are found by name and called boxed, so no operator has code of its own here.
//
// Conventions. A tensor handle is a TensorImpl* that owns one reference; null is the undefined tensor.
// Functions returning int give 0 (or a count) on success and -1 on failure; bridge_error() then holds the
// message for the calling thread. No exception leaves this file. Strings are UTF-8.
#include <ATen/ATen.h>
#include <ATen/Parallel.h>
#include <ATen/core/dispatch/Dispatcher.h>
#include <ATen/core/stack.h>
#include <ATen/detail/CUDAHooksInterface.h>
#include <c10/core/DefaultDtype.h>
#include <c10/core/InferenceMode.h>
#include <c10/core/impl/VirtualGuardImpl.h>
#include <c10/util/Logging.h>
#include <torch/csrc/autograd/anomaly_mode.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/function.h>
#include <torch/csrc/autograd/saved_variable.h>
#include <torch/csrc/autograd/variable.h>
#include <torch/version.h>

#include <cstring>
#include <mutex>
#include <string>
#include <vector>

// There is one only where libtorch multiplies by OpenBLAS.
extern "C" __attribute__((weak)) void openblas_set_num_threads(int count);

#define EXPORT extern "C" __attribute__((visibility("default")))

namespace {

enum Tag : int32_t { None, Tensor, Int, Double, Bool, IntList, DoubleList, BoolList, TensorList, OptionalTensorList, String, Device, Generator };

// One argument or result. Lists and strings: `p` points at `count` elements. Device: `i` is the type, `count` the index.
struct Value {
    int32_t tag;
    int32_t count;
    union { int64_t i; double d; void* p; };
};

struct Op {
    c10::OperatorHandle handle;
    std::vector<c10::IValue> defaults;  // of each parameter, so that callers may leave trailing ones out
    std::vector<bool> has_default;
};

using OptionalTensor = std::decay_t<decltype(std::declval<const c10::IValue&>().toOptional<at::Tensor>())>;

thread_local std::string last_error;
thread_local std::vector<int64_t> list_result;

template <class F> int guarded(F&& body) noexcept {
    try {
        return body();
    } catch (const c10::Error& e) {
        last_error = e.what_without_backtrace();
    } catch (const std::exception& e) {
        last_error = e.what();
    } catch (...) {
        last_error = "unknown native exception";
    }
    return -1;
}

// Messages go without C++ stack traces, which take milliseconds to make.
const bool without_traces = (c10::SetStackTraceFetcher([] { return std::string(); }), true);

at::Tensor borrow(void* handle) {
    if (handle == nullptr) return at::Tensor();
    return at::Tensor(c10::intrusive_ptr<at::TensorImpl, at::UndefinedTensorImpl>::reclaim_copy(static_cast<at::TensorImpl*>(handle)));
}

void* give(at::Tensor tensor) { return tensor.defined() ? tensor.unsafeReleaseTensorImpl() : nullptr; }

at::TensorImpl& impl(void* handle) { return *static_cast<at::TensorImpl*>(handle); }

std::vector<at::Tensor> borrow_all(void* const* handles, int64_t count) {
    std::vector<at::Tensor> tensors;
    tensors.reserve(count);
    for (int64_t i = 0; i < count; i++) tensors.push_back(borrow(handles[i]));
    return tensors;
}

c10::Device device_of(int32_t type, int32_t index) { return c10::Device(static_cast<c10::DeviceType>(type), static_cast<c10::DeviceIndex>(index)); }

at::Generator borrow_generator(void* handle) {
    return at::Generator(c10::intrusive_ptr<c10::GeneratorImpl>::reclaim_copy(static_cast<c10::GeneratorImpl*>(handle)));
}

c10::IValue to_ivalue(const Value& v) {
    switch (v.tag) {
        case None: return c10::IValue();
        case Tensor: return c10::IValue(borrow(v.p));
        case Int: return c10::IValue(v.i);
        case Double: return c10::IValue(v.d);
        case Bool: return c10::IValue(v.i != 0);
        case IntList: return c10::IValue(c10::IntArrayRef(static_cast<const int64_t*>(v.p), v.count));
        case DoubleList: {
            auto data = static_cast<const double*>(v.p);
            return c10::IValue(std::vector<double>(data, data + v.count));
        }
        case BoolList: {
            c10::List<bool> list;
            for (int i = 0; i < v.count; i++) list.push_back(static_cast<const int64_t*>(v.p)[i] != 0);
            return c10::IValue(list);
        }
        case TensorList: {
            c10::List<at::Tensor> list;
            list.reserve(v.count);
            for (int i = 0; i < v.count; i++) list.push_back(borrow(static_cast<void* const*>(v.p)[i]));
            return c10::IValue(list);
        }
        case OptionalTensorList: {
            c10::List<OptionalTensor> list;
            list.reserve(v.count);
            for (int i = 0; i < v.count; i++) {
                void* handle = static_cast<void* const*>(v.p)[i];
                list.push_back(handle == nullptr ? OptionalTensor() : OptionalTensor(borrow(handle)));
            }
            return c10::IValue(list);
        }
        case String: return c10::IValue(std::string(static_cast<const char*>(v.p), v.count));
        case Device: return c10::IValue(device_of(static_cast<int32_t>(v.i), v.count));
        case Generator: return c10::IValue(borrow_generator(v.p));
        default: TORCH_CHECK(false, "unknown argument tag ", v.tag);
    }
}

void from_ivalue(c10::IValue&& value, Value& out) {
    out.count = 0;
    if (value.isTensor()) {
        out.tag = Tensor;
        out.p = give(std::move(value).toTensor());
    } else if (value.isTensorList()) {
        for (const at::Tensor& tensor : value.toTensorVector()) list_result.push_back(reinterpret_cast<int64_t>(give(tensor)));
        out.tag = TensorList;
        out.p = list_result.data();
        out.count = static_cast<int32_t>(list_result.size());
    } else if (value.isInt()) {
        out.tag = Int;
        out.i = value.toInt();
    } else if (value.isDouble()) {
        out.tag = Double;
        out.d = value.toDouble();
    } else if (value.isBool()) {
        out.tag = Bool;
        out.i = value.toBool();
    } else if (value.isNone()) {
        out.tag = None;
        out.i = 0;
    } else {
        TORCH_CHECK(false, "a result of kind ", value.tagKind(), " is not supported");
    }
}

// Lends this thread's stack; a call made while another is under way (from a backward callback) gets a fresh one.
struct StackLease {
    static torch::jit::Stack& pool() {
        thread_local torch::jit::Stack stack;
        return stack;
    }
    torch::jit::Stack stack = std::move(pool());
    StackLease() { stack.clear(); }
    ~StackLease() {
        stack.clear();
        pool() = std::move(stack);
    }
};

using ApplyCallback = int (*)(void* state, void** gradients, int32_t count, void** results, int32_t expected);
using FreeCallback = void (*)(void* state);

// A backward function written in C#.
struct ManagedNode : torch::autograd::Node {
    void* state;
    ApplyCallback apply_callback;
    FreeCallback free_callback;
    std::vector<torch::autograd::SavedVariable> saved;

    ManagedNode(void* state, ApplyCallback apply, FreeCallback free) : state(state), apply_callback(apply), free_callback(free) {}
    ~ManagedNode() override { free_callback(state); }

    torch::autograd::variable_list apply(torch::autograd::variable_list&& gradients) override {
        std::vector<void*> in, out(num_outputs(), nullptr);
        for (at::Tensor& gradient : gradients) in.push_back(give(gradient));
        int status = apply_callback(state, in.data(), static_cast<int32_t>(in.size()), out.data(), static_cast<int32_t>(out.size()));
        torch::autograd::variable_list results;
        for (void* handle : out) {
            results.push_back(borrow(handle));
            if (handle != nullptr) c10::raw::intrusive_ptr::decref(&impl(handle));
        }
        if (status != 0) throw std::runtime_error(last_error);
        return results;
    }

    void release_variables() override { for (auto& variable : saved) variable.reset_data(); }
    std::string name() const override { return "ManagedNode"; }
};

using NodeHandle = std::shared_ptr<ManagedNode>;

}  // namespace

EXPORT const char* bridge_error() { return last_error.c_str(); }
EXPORT void bridge_set_error(const char* message) { last_error = message; }
EXPORT const char* bridge_version() { return TORCH_VERSION; }

// ---- operators ----

EXPORT void* bridge_find(const char* name, const char* overload) {
    Op* result = nullptr;
    guarded([&] {
        auto found = c10::Dispatcher::singleton().findSchema({name, overload});
        if (!found.has_value()) return 0;
        result = new Op{*found, {}, {}};
        for (const c10::Argument& argument : found->schema().arguments()) {
            result->has_default.push_back(argument.default_value().has_value());
            result->defaults.push_back(argument.default_value().has_value() ? *argument.default_value() : c10::IValue());
        }
        return 0;
    });
    return result;
}

// Calls an operator; fills up to `wanted` results and returns their number. With wanted = 0 the results are dropped.
EXPORT int bridge_call(void* handle, const Value* args, int32_t count, Value* results, int32_t wanted) {
    return guarded([&] {
        const Op& op = *static_cast<const Op*>(handle);
        StackLease lease;
        torch::jit::Stack& stack = lease.stack;
        for (int i = 0; i < count; i++) stack.push_back(to_ivalue(args[i]));
        for (size_t i = count; i < op.defaults.size(); i++) {
            TORCH_CHECK(op.has_default[i], op.handle.schema().name(), ": argument '", op.handle.schema().arguments()[i].name(), "' is missing");
            stack.push_back(op.defaults[i]);
        }
        op.handle.callBoxed(stack);
        if (wanted == 0) return 0;
        int given = std::min<int>(wanted, static_cast<int>(stack.size()));
        list_result.clear();
        for (int i = 0; i < given; i++) from_ivalue(std::move(stack[i]), results[i]);
        return given;
    });
}

// ---- tensors ----

EXPORT void bridge_free(void* tensor) { guarded([&] { c10::raw::intrusive_ptr::decref(&impl(tensor)); return 0; }); }
EXPORT void bridge_retain(void* tensor) { c10::raw::intrusive_ptr::incref(&impl(tensor)); }

EXPORT int64_t bridge_dim(void* tensor) { return impl(tensor).dim(); }
EXPORT int64_t bridge_numel(void* tensor) { return impl(tensor).numel(); }
EXPORT void bridge_sizes(void* tensor, int64_t* out) { auto sizes = impl(tensor).sizes(); std::copy(sizes.begin(), sizes.end(), out); }
EXPORT int bridge_strides(void* tensor, int64_t* out) {
    return guarded([&] { auto strides = impl(tensor).strides(); std::copy(strides.begin(), strides.end(), out); return 0; });
}
EXPORT int32_t bridge_dtype(void* tensor) { return static_cast<int32_t>(c10::typeMetaToScalarType(impl(tensor).dtype())); }
EXPORT int64_t bridge_element_size(void* tensor) { return static_cast<int64_t>(impl(tensor).itemsize()); }
EXPORT int32_t bridge_device(void* tensor, int32_t* index) {
    c10::Device device = impl(tensor).device();
    *index = device.index();
    return static_cast<int32_t>(device.type());
}
// Bits: 1 requires_grad, 2 leaf, 4 contiguous, 8 dense (strided), 16 inference.
EXPORT int bridge_flags(void* handle) {
    return guarded([&] {
        at::Tensor t = borrow(handle);
        bool dense = t.layout() == at::kStrided;
        return (t.requires_grad() ? 1 : 0) | (t.is_leaf() ? 2 : 0) | (dense && t.is_contiguous() ? 4 : 0) | (dense ? 8 : 0) | (t.is_inference() ? 16 : 0);
    });
}
EXPORT int bridge_storage_offset(void* handle, int64_t* out) { return guarded([&] { *out = borrow(handle).storage_offset(); return 0; }); }
EXPORT int bridge_data(void* handle, void** out) { return guarded([&] { *out = borrow(handle).data_ptr(); return 0; }); }

EXPORT int bridge_storage(void* handle, void** data, int64_t* bytes) {
    return guarded([&] {
        at::Tensor t = borrow(handle);
        *bytes = static_cast<int64_t>(t.storage().nbytes());
        *data = static_cast<char*>(t.data_ptr()) - t.storage_offset() * static_cast<int64_t>(t.itemsize());
        return 0;
    });
}

// A new tensor holding a copy of `data` (row-major).
EXPORT int bridge_from_data(const void* data, int32_t dtype, const int64_t* sizes, int32_t dims, int32_t device_type, int32_t device_index, void** out) {
    return guarded([&] {
        at::Tensor t = at::empty(c10::IntArrayRef(sizes, dims), at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype)));
        if (t.nbytes() > 0) std::memcpy(t.data_ptr(), data, t.nbytes());
        c10::Device device = device_of(device_type, device_index);
        *out = give(device.is_cpu() ? t : t.to(device));
        return 0;
    });
}

// A tensor over memory that the caller owns; `free` is called with `state` when the storage goes.
EXPORT int bridge_from_blob(void* data, int32_t dtype, const int64_t* sizes, int32_t dims, void* state, FreeCallback free, void** out) {
    return guarded([&] {
        auto deleter = [state, free](void*) { free(state); };
        *out = give(at::from_blob(data, c10::IntArrayRef(sizes, dims), deleter, at::TensorOptions().dtype(static_cast<at::ScalarType>(dtype))));
        return 0;
    });
}

// ---- autograd ----

EXPORT int bridge_set_requires_grad(void* tensor, int value) { return guarded([&] { borrow(tensor).set_requires_grad(value != 0); return 0; }); }
EXPORT int bridge_retain_grad(void* tensor) { return guarded([&] { borrow(tensor).retain_grad(); return 0; }); }
EXPORT int bridge_grad(void* tensor, void** out) { return guarded([&] { *out = give(at::Tensor(borrow(tensor).grad())); return 0; }); }
EXPORT int bridge_set_grad(void* tensor, void* grad) { return guarded([&] { borrow(tensor).mutable_grad() = borrow(grad); return 0; }); }
EXPORT int bridge_set_data(void* tensor, void* data) { return guarded([&] { borrow(tensor).set_data(borrow(data)); return 0; }); }

EXPORT int bridge_backward(void* const* roots, int32_t root_count, void* const* gradients, int32_t gradient_count, int retain, int create,
                           void* const* inputs, int32_t input_count) {
    return guarded([&] {
        torch::autograd::backward(borrow_all(roots, root_count), borrow_all(gradients, gradient_count), retain != 0, create != 0, borrow_all(inputs, input_count));
        return 0;
    });
}

EXPORT int bridge_gradients(void* const* roots, int32_t root_count, void* const* inputs, int32_t input_count, void* const* gradients,
                            int32_t gradient_count, int retain, int create, int allow_unused, void** out) {
    return guarded([&] {
        auto results = torch::autograd::grad(borrow_all(roots, root_count), borrow_all(inputs, input_count), borrow_all(gradients, gradient_count),
                                             retain != 0, create != 0, allow_unused != 0);
        for (size_t i = 0; i < results.size(); i++) out[i] = give(results[i]);
        return static_cast<int>(results.size());
    });
}

EXPORT int bridge_grad_mode() { return at::GradMode::is_enabled(); }
EXPORT void bridge_set_grad_mode(int enabled) { at::GradMode::set_enabled(enabled != 0); }
EXPORT int bridge_inference_mode() { return c10::InferenceMode::is_enabled(); }
EXPORT void* bridge_inference_enter(int enabled) { return new c10::InferenceMode(enabled != 0); }
EXPORT void bridge_inference_leave(void* guard) { delete static_cast<c10::InferenceMode*>(guard); }
EXPORT int bridge_anomaly_mode() { return (torch::autograd::AnomalyMode::is_enabled() ? 1 : 0) | (torch::autograd::AnomalyMode::should_check_nan() ? 2 : 0); }
EXPORT void bridge_set_anomaly_mode(int enabled, int check_nan) { torch::autograd::AnomalyMode::set_enabled(enabled != 0, check_nan != 0); }

// A node for a custom function over `inputs`: when none of them needs a gradient, *out stays null and `state` stays the caller's.
EXPORT int bridge_node_new(void* state, ApplyCallback apply, FreeCallback free, void* const* inputs, int32_t count, void** out) {
    return guarded([&] {
        *out = nullptr;
        auto tensors = borrow_all(inputs, count);
        if (!at::GradMode::is_enabled() || !torch::autograd::any_variable_requires_grad(tensors)) return 0;
        auto edges = torch::autograd::collect_next_edges(tensors);
        NodeHandle node(new ManagedNode(state, apply, free), torch::autograd::deleteNode);
        node->set_next_edges(std::move(edges));
        *out = new NodeHandle(std::move(node));
        return 0;
    });
}
EXPORT void bridge_node_free(void* node) { delete static_cast<NodeHandle*>(node); }

enum OutputKind : int32_t { Fresh, Input, Dirty, NotDifferentiable };

// Makes `tensor` an output of the node and gives the tensor to hand out: itself, or an alias where it is also an input.
EXPORT int bridge_node_output(void* node, void* tensor, int32_t kind, void** out) {
    return guarded([&] {
        const NodeHandle& handle = *static_cast<NodeHandle*>(node);
        at::Tensor t = borrow(tensor);
        if (kind == NotDifferentiable || !torch::autograd::isDifferentiableType(t.scalar_type())) {
            handle->add_input_metadata(torch::autograd::Node::undefined_input{});
            if (kind == Input) t = t.detach();
        } else if (kind == Dirty) {
            t.unsafeGetTensorImpl()->bump_version();
            torch::autograd::impl::rebase_history(t, torch::autograd::Edge(handle, handle->add_input_metadata(t)));
        } else {
            if (kind == Input || t.requires_grad()) t = t.detach();
            torch::autograd::impl::set_gradient_edge(t, torch::autograd::Edge(handle, handle->add_input_metadata(t)));
        }
        *out = give(t);
        return 0;
    });
}
EXPORT int bridge_node_save(void* node, void* const* tensors, int32_t count) {
    return guarded([&] {
        const NodeHandle& handle = *static_cast<NodeHandle*>(node);
        for (const at::Tensor& t : borrow_all(tensors, count))
            handle->saved.emplace_back(t, t.defined() && t.grad_fn().get() == handle.get());
        return 0;
    });
}
// Called inside the node's callback: `raw` is what bridge_node_raw gave.
EXPORT void* bridge_node_raw(void* node) { return static_cast<NodeHandle*>(node)->get(); }
EXPORT int bridge_node_saved(void* raw, void** out) {
    return guarded([&] {
        auto node = static_cast<ManagedNode*>(raw);
        auto self = node->shared_from_this();
        for (size_t i = 0; i < node->saved.size(); i++) out[i] = give(node->saved[i].unpack(self));
        return static_cast<int>(node->saved.size());
    });
}

// ---- settings, random numbers, devices ----

EXPORT int32_t bridge_default_dtype() { return static_cast<int32_t>(c10::typeMetaToScalarType(c10::get_default_dtype())); }
EXPORT int bridge_set_default_dtype(int32_t dtype) {
    return guarded([&] { c10::set_default_dtype(c10::scalarTypeToTypeMeta(static_cast<at::ScalarType>(dtype))); return 0; });
}
EXPORT int bridge_threads() { return at::get_num_threads(); }
EXPORT int bridge_set_threads(int count) {
    return guarded([&] {
        at::set_num_threads(count);
        // libtorch passes the number on to MKL only.
        if (openblas_set_num_threads) openblas_set_num_threads(count);
        return 0;
    });
}
EXPORT int bridge_interop_threads() { return at::get_num_interop_threads(); }
EXPORT int bridge_set_interop_threads(int count) { return guarded([&] { at::set_num_interop_threads(count); return 0; }); }

EXPORT int bridge_manual_seed(uint64_t seed) { return guarded([&] { at::manual_seed(seed); return 0; }); }
EXPORT int bridge_generator_default(int32_t type, int32_t index, void** out) {
    return guarded([&] { at::Generator g = at::globalContext().defaultGenerator(device_of(type, index)); *out = g.unsafeReleaseGeneratorImpl(); return 0; });
}
EXPORT int bridge_generator_new(uint64_t seed, int32_t type, int32_t index, void** out) {
    return guarded([&] {
        at::Generator g = at::globalContext().defaultGenerator(device_of(type, index)).clone();
        g.set_current_seed(seed);
        *out = g.unsafeReleaseGeneratorImpl();
        return 0;
    });
}
EXPORT void bridge_generator_free(void* handle) { c10::raw::intrusive_ptr::decref(static_cast<c10::GeneratorImpl*>(handle)); }
EXPORT int bridge_generator_seed(void* handle, uint64_t seed) {
    return guarded([&] {
        at::Generator g = borrow_generator(handle);
        std::lock_guard<std::mutex> lock(g.mutex());
        g.set_current_seed(seed);
        return 0;
    });
}
EXPORT uint64_t bridge_generator_initial_seed(void* handle) { return borrow_generator(handle).current_seed(); }
EXPORT int bridge_generator_state(void* handle, void** out) { return guarded([&] { *out = give(borrow_generator(handle).get_state()); return 0; }); }
EXPORT int bridge_generator_set_state(void* handle, void* state) { return guarded([&] { borrow_generator(handle).set_state(borrow(state)); return 0; }); }

// Device type by its number in c10::DeviceType: whether this build can compute on it, and on how many.
EXPORT int bridge_device_count(int32_t type) {
    int count = 0;
    guarded([&] {
        auto device_type = static_cast<c10::DeviceType>(type);
        if (device_type == c10::DeviceType::CPU || device_type == c10::DeviceType::Meta) count = 1;
        else if (c10::impl::hasDeviceGuardImpl(device_type)) count = c10::impl::VirtualGuardImpl(device_type).deviceCount();
        return 0;
    });
    return count;
}
EXPORT int bridge_has_cudnn() { return guarded([&] { return at::globalContext().hasCUDA() && at::detail::getCUDAHooks().hasCuDNN() ? 1 : 0; }); }
EXPORT int bridge_cuda_synchronize(int32_t index) {
    return guarded([&] {
        auto device = index >= 0 ? index : c10::impl::VirtualGuardImpl(c10::DeviceType::CUDA).getDevice().index();
        at::detail::getCUDAHooks().deviceSynchronize(static_cast<c10::DeviceIndex>(device));
        return 0;
    });
}
EXPORT int bridge_cuda_seed(uint64_t seed, int all) {
    return guarded([&] {
        int count = bridge_device_count(static_cast<int32_t>(c10::DeviceType::CUDA));
        if (count == 0) return 0;
        int current = c10::impl::VirtualGuardImpl(c10::DeviceType::CUDA).getDevice().index();
        for (int i = all ? 0 : current; i < (all ? count : current + 1); i++) {
            at::Generator g = at::globalContext().defaultGenerator(c10::Device(c10::DeviceType::CUDA, static_cast<c10::DeviceIndex>(i)));
            std::lock_guard<std::mutex> lock(g.mutex());
            g.set_current_seed(seed);
        }
        return 0;
    });
}
EXPORT int bridge_allow_tf32(int which) { return which == 0 ? at::globalContext().allowTF32CuBLAS() : at::globalContext().allowTF32CuDNN(); }
EXPORT int bridge_set_allow_tf32(int which, int value) {
    return guarded([&] {
        if (which == 0) at::globalContext().setAllowTF32CuBLAS(value != 0);
        else at::globalContext().setAllowTF32CuDNN(value != 0);
        return 0;
    });
}

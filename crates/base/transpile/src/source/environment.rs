//! The globals of the environment, before any declaration of a chunk.

/// The globals of the language, of the web platform and of Node that have names which packages export, too.
const ENVIRONMENT: &str = "AbortController AbortSignal AggregateError Array ArrayBuffer Atomics BigInt BigInt64Array BigUint64Array Blob \
    Boolean BroadcastChannel Buffer ByteLengthQueuingStrategy CompressionStream CountQueuingStrategy Crypto CryptoKey CustomEvent \
    DOMException DataView Date DecompressionStream Error EvalError Event EventSource EventTarget File FinalizationRegistry Float16Array \
    Float32Array Float64Array FormData Function Headers Int16Array Int32Array Int8Array Intl Iterator JSON Map Math MessageChannel \
    MessageEvent MessagePort Navigator Number Object Performance PerformanceEntry PerformanceMark PerformanceMeasure PerformanceObserver \
    PerformanceObserverEntryList PerformanceResourceTiming Promise Proxy RangeError ReadableByteStreamController ReadableStream \
    ReadableStreamBYOBReader ReadableStreamBYOBRequest ReadableStreamDefaultController ReadableStreamDefaultReader ReferenceError Reflect \
    RegExp Request Response Set SharedArrayBuffer String SubtleCrypto Symbol SyntaxError Temporal TextDecoder TextDecoderStream \
    TextEncoder TextEncoderStream TransformStream TransformStreamDefaultController TypeError URIError URL URLPattern URLSearchParams \
    Uint16Array Uint32Array Uint8Array Uint8ClampedArray WeakMap WeakRef WeakSet WebAssembly WebSocket WritableStream \
    WritableStreamDefaultController WritableStreamDefaultWriter alert atob btoa clearImmediate clearInterval clearTimeout confirm console \
    crypto decodeURI decodeURIComponent encodeURI encodeURIComponent escape eval exports fetch global globalThis host isFinite isNaN \
    module navigator parseFloat parseInt performance process prompt queueMicrotask reportError require self setImmediate setInterval \
    setTimeout structuredClone unescape";

/// Whether the environment has a global of this name.
pub(crate) fn is_environment(name: &str) -> bool {
    ENVIRONMENT.split_ascii_whitespace().any(|known| known == name)
}

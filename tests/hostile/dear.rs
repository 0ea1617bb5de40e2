//! Cases that still cost more than the bounds allow, where our crates are compiled without optimisation. **What is mended goes out of this
//! list**; `cargo xtask hostile` tries them all the same.

pub(crate) const CASES: &[&str] = &[
    // Chunks that become far more code than they are: the transpiler is stopped by the run's budget.
    "wide: list of static imports as Chunk",
    "wide: list of one import of names as Chunk",
    "wide: list of dynamic imports as Chunk",
    // The question is answered where runs are routed.
    "broken: bad patterns as Complete",
    // Modules: each is cheap, and there are many.
    "graph: 9,000 modules that are imported at once",
    "graph: a module that imports itself again and again",
    "graph: typescript that is abandoned",
    "folder: 20,000 requires",
    "folder: 200 CommonJS modules that reexport each other, imported by one",
    "import from a server tree",
    "import from a server bomb/0.js",
    // Answers and files that come in small or many pieces.
    "answer drip, 24 at once",
    "granted: read of /dev/urandom as text",
    "granted: a copy of a sparse file of 1 TiB",
    "granted: 200 programs at once",
];

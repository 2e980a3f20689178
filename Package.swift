// swift-tools-version: 6.2
import PackageDescription

// The arrows between targets are the architecture: docs/architecture.md draws them.
let package = Package(
  name: "loam",
  products: [
    .executable(name: "loam", targets: ["LoamCLI"]),
    .library(name: "Loam", targets: ["Loam"]),
    .library(name: "LoamStore", targets: ["LoamStore"]),
    .library(name: "LoamKernels", targets: ["LoamKernels"]),
    .library(name: "OneDNN", targets: ["OneDNN"]),
    // The extension that sqlite3, Python and database browsers load: libloamsqlite.
    .library(name: "loamsqlite", type: .dynamic, targets: ["LoamSQLite"]),
    // What Python and other languages call: libloamc.
    .library(name: "loamc", type: .dynamic, targets: ["LoamC"]),
  ],
  dependencies: [
    .package(url: "https://github.com/apple/swift-argument-parser", from: "1.5.0"),
    .package(url: "https://github.com/apple/swift-crypto", from: "4.0.0"),
    .package(url: "https://github.com/apple/swift-protobuf", from: "1.39.0"),
    .package(url: "https://github.com/jpsim/Yams", from: "6.0.0"),
  ],
  targets: [
    // C libraries of the system.
    .systemLibrary(name: "CLMDB", providers: [.apt(["liblmdb-dev"]), .brew(["lmdb"])]),
    .systemLibrary(name: "CZstd", providers: [.apt(["libzstd-dev"]), .brew(["zstd"])]),
    .systemLibrary(name: "CXXHash", providers: [.apt(["libxxhash-dev"]), .brew(["xxhash"])]),
    .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"])]),
    .systemLibrary(name: "CSQLite", providers: [.apt(["libsqlite3-dev"])]),
    // SQLite as an extension calls it: through its host's table of functions, so that libsqlite3 is not linked.
    .target(name: "CSQLiteExtension"),
    .target(
      name: "COneDNN",
      linkerSettings: [.linkedLibrary("dnnl"), .linkedLibrary("gomp", .when(platforms: [.linux]))]),

    // Storage.
    .target(name: "LoamKernels", dependencies: ["CXXHash"], linkerSettings: [.linkedLibrary("xxhash")]),
    .target(name: "LMDB", dependencies: ["CLMDB"]),
    .target(name: "Zstd", dependencies: ["CZstd"]),
    .target(name: "LoamSchema", dependencies: ["Yams"]),
    .target(
      name: "LoamStore",
      dependencies: [
        "LMDB", "Zstd", "LoamKernels", "LoamSchema", .product(name: "Crypto", package: "swift-crypto"),
      ]),
    .target(name: "LoamIngest", dependencies: ["LoamStore", "LoamSchema", "LoamKernels", "Zstd", "CZlib"]),

    // Mathematics.
    .target(name: "OneDNN", dependencies: ["COneDNN"]),
    .target(name: "LoamTensor", dependencies: ["OneDNN", "LoamKernels"]),
    .target(name: "LoamModels", dependencies: ["LoamTensor", "LoamSchema"]),

    // A version frozen for serving: loam_pack.h of LoamKernels reads the same bytes.
    .target(
      name: "LoamPack", dependencies: ["LoamKernels", "LoamSchema", .product(name: "Crypto", package: "swift-crypto")]),

    // What joins the two.
    .target(name: "LoamQuery", dependencies: ["LoamStore", "LoamTensor", "OneDNN", "LoamKernels", "LoamSchema"]),
    .target(name: "SQLite", dependencies: ["CSQLite"]),
    .target(
      name: "LoamSQL", dependencies: ["LoamQuery", "LoamStore", "LoamKernels", "LoamSchema", "CSQLiteExtension"]),
    .target(name: "LoamSQLite", dependencies: ["LoamSQL", "CSQLiteExtension"]),
    .target(name: "CLoam"),
    .target(name: "LoamC", dependencies: ["CLoam", "LoamPack", "LoamQuery", "LoamStore", "LoamSchema", "LoamKernels"]),
    .target(name: "LoamTraining", dependencies: ["LoamModels", "LoamQuery"]),
    // The messages of ONNX, generated from onnx.proto by tools/generate-onnx.
    .target(
      name: "ONNXProto", dependencies: [.product(name: "SwiftProtobuf", package: "swift-protobuf")],
      exclude: ["onnx.proto"]),
    .target(
      name: "LoamExport",
      dependencies: [
        "LoamQuery", "LoamModels", "LoamTraining", "LoamPack", "ONNXProto",
        .product(name: "Crypto", package: "swift-crypto"),
      ]),
    .target(name: "LoamGenerate", dependencies: ["LoamSchema"]),
    .target(name: "LoamImport", dependencies: ["LoamExport", "LoamIngest", "CZlib"]),
    .target(
      name: "Loam",
      dependencies: [
        "LoamStore", "LoamIngest", "LoamQuery", "LoamTraining", "LoamExport", "LoamImport", "LoamPack", "LoamSQL",
        "SQLite",
      ]),
    .executableTarget(
      name: "LoamCLI",
      dependencies: [
        "Loam", "LoamGenerate", "LoamSQL", "SQLite", .product(name: "ArgumentParser", package: "swift-argument-parser"),
      ]),

    // Work in processes of its own, which the tests kill, starve and record.
    .executableTarget(
      name: "StoreWorkload", dependencies: ["LoamStore", "LoamSchema", "LoamKernels"], path: "Tests/StoreWorkload"),
    .testTarget(
      name: "ReliabilityTests", dependencies: ["LoamStore", "LMDB", "LoamSchema", "StoreWorkload"],
      exclude: ["Golden", "Preload"]),
    .testTarget(name: "LMDBTests", dependencies: ["LMDB", "CLMDB"]),
    .testTarget(name: "ZstdTests", dependencies: ["Zstd"]),
    .testTarget(name: "LoamSchemaTests", dependencies: ["LoamSchema"]),
    .testTarget(name: "LoamStoreTests", dependencies: ["LoamStore", "LMDB"]),
    .testTarget(name: "LoamIngestTests", dependencies: ["LoamIngest"]),
    .testTarget(name: "OneDNNTests", dependencies: ["OneDNN"]),
    .testTarget(name: "LoamTensorTests", dependencies: ["LoamTensor", "OneDNN"]),
    .testTarget(name: "LoamModelsTests", dependencies: ["LoamModels"], exclude: ["Golden"]),
    .testTarget(name: "LoamQueryTests", dependencies: ["LoamQuery"]),
    .testTarget(name: "LoamSQLTests", dependencies: ["LoamSQL", "SQLite", "LoamKernels"]),
    .testTarget(
      name: "LoamTrainingTests", dependencies: ["LoamTraining", "LoamIngest", "LoamGenerate"], exclude: ["Golden"]),
    .testTarget(name: "LoamExportTests", dependencies: ["LoamExport", "LoamPack"]),
    .testTarget(name: "LoamPackTests", dependencies: ["LoamPack"], exclude: ["C"]),
    .testTarget(name: "LoamImportTests", dependencies: ["LoamImport", "CZlib"]),
    .testTarget(name: "LoamGenerateTests", dependencies: ["LoamGenerate"]),
    .testTarget(name: "LoamCLITests", dependencies: ["LoamCLI"]),
    .testTarget(name: "ExampleTests", dependencies: ["Loam"]),
    .testTarget(name: "EndToEndTests", dependencies: ["LoamCLI", "LoamStore"]),
  ],
  swiftLanguageModes: [.v6]
)

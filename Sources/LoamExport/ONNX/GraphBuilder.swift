import Foundation
import ONNXProto

/// A graph that grows node by node. Names of what is not an input or an output begin with a word and a slash, which no
/// name of a schema has.
struct GraphBuilder {
  enum Element: Int32 {
    case f32 = 1, i64 = 7, bool = 9, f64 = 11

    var size: Int { self == .f32 ? 4 : self == .bool ? 1 : 8 }
  }
  private(set) var graph = ONNXGraph()
  private var constants: [String: String] = [:]

  /// Adds an operation of one output, and names the output.
  mutating func node(_ type: String, _ inputs: String..., with attributes: [ONNXAttribute] = []) -> String {
    node(type, inputs, with: attributes)
  }

  mutating func node(
    _ type: String, _ inputs: [String], with attributes: [ONNXAttribute] = [], named name: String? = nil
  ) -> String {
    var node = ONNXNode()
    node.opType = type
    node.input = inputs
    node.attribute = attributes
    node.name = "node/\(graph.node.count).\(type)"
    let output = name ?? "value/\(graph.node.count).\(type)"
    node.output = [output]
    graph.node.append(node)
    return output
  }

  mutating func cast(_ value: String, to element: Element) -> String {
    node("Cast", value, with: [.int("to", Int(element.rawValue))])
  }

  mutating func reshape(_ value: String, _ shape: [Int64]) -> String { node("Reshape", value, ints(shape)) }

  mutating func unsqueeze(_ value: String, _ axis: Int) -> String { node("Unsqueeze", value, ints([Int64(axis)])) }

  mutating func concat(_ values: [String], axis: Int) -> String {
    values.count == 1 ? values[0] : node("Concat", values, with: [.int("axis", axis)])
  }

  mutating func input(_ name: String, _ element: Element, _ shape: [ONNXShape.Dimension], _ says: String) {
    graph.input.append(Self.value(name, element, shape, says))
  }

  mutating func output(_ name: String, _ shape: [ONNXShape.Dimension], _ says: String) {
    graph.output.append(Self.value(name, .f32, shape, says))
  }

  private static func value(
    _ name: String, _ element: Element, _ shape: [ONNXShape.Dimension], _ says: String
  ) -> ONNXValue {
    var value = ONNXValue()
    value.name = name
    value.docString = says
    value.type.tensorType.elemType = element.rawValue
    value.type.tensorType.shape.dim = shape
    return value
  }
}

/// Constants and initialisers.
extension GraphBuilder {
  mutating func float(_ value: Float) -> String { constant([value], shape: [], .f32) }
  mutating func floats(_ values: [Float], _ shape: [Int]) -> String { constant(values, shape: shape, .f32) }
  mutating func double(_ value: Double) -> String { constant([value], shape: [], .f64) }
  mutating func doubles(_ values: [Double]) -> String { constant(values, shape: [values.count], .f64) }
  mutating func int(_ value: Int64) -> String { constant([value], shape: [], .i64) }
  mutating func ints(_ values: [Int64]) -> String { constant(values, shape: [values.count], .i64) }
  mutating func bools(_ values: [Bool], _ shape: [Int]) -> String { constant(values, shape: shape, .bool) }

  /// Equal constants are one.
  private mutating func constant<Value: BitwiseCopyable>(_ values: [Value], shape: [Int], _ element: Element) -> String
  {
    let bytes = values.withUnsafeBytes { Data($0) }
    let key = "\(element) \(shape) \(bytes.count <= 64 ? bytes.base64EncodedString() : "\(constants.count)")"
    if let known = constants[key] { return known }
    let name = "constant/\(constants.count)"
    constants[key] = name
    initialiser(name, element, shape, bytes)
    return name
  }

  mutating func initialiser(_ name: String, _ element: Element, _ shape: [Int], _ bytes: Data) {
    var tensor = Self.tensor(name, element, shape)
    tensor.rawData = bytes
    graph.initializer.append(tensor)
  }

  mutating func initialiser(_ tensor: GraphTensor) {
    switch tensor.place {
    case .inside(let bytes): initialiser(tensor.name, tensor.element, tensor.shape, bytes)
    case .outside(let file, let offset):
      var entry = Self.tensor(tensor.name, tensor.element, tensor.shape)
      entry.dataLocation = .external
      entry.externalData = [
        .make("location", file), .make("offset", String(offset)), .make("length", String(tensor.byteCount)),
      ]
      graph.initializer.append(entry)
    }
  }

  private static func tensor(_ name: String, _ element: Element, _ shape: [Int]) -> ONNXTensor {
    var tensor = ONNXTensor()
    tensor.name = name
    tensor.dataType = element.rawValue
    tensor.dims = shape.map { Int64($0) }
    return tensor
  }
}

extension ONNXAttribute {
  static func int(_ name: String, _ value: Int) -> ONNXAttribute {
    var attribute = ONNXAttribute()
    (attribute.name, attribute.type, attribute.i) = (name, .int, Int64(value))
    return attribute
  }

  static func ints(_ name: String, _ values: [Int]) -> ONNXAttribute {
    var attribute = ONNXAttribute()
    (attribute.name, attribute.type, attribute.ints) = (name, .ints, values.map { Int64($0) })
    return attribute
  }

  static func float(_ name: String, _ value: Float) -> ONNXAttribute {
    var attribute = ONNXAttribute()
    (attribute.name, attribute.type, attribute.f) = (name, .float, value)
    return attribute
  }
}

extension ONNXEntry {
  static func make(_ key: String, _ value: String) -> ONNXEntry {
    var entry = ONNXEntry()
    (entry.key, entry.value) = (key, value)
    return entry
  }
}

extension ONNXShape.Dimension {
  static var batch: Self { named("batch") }

  static func named(_ name: String) -> Self {
    var dimension = Self()
    dimension.dimParam = name
    return dimension
  }

  static func fixed(_ length: Int) -> Self {
    var dimension = Self()
    dimension.dimValue = Int64(length)
    return dimension
  }
}

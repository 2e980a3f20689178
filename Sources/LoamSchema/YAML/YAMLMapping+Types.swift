extension YAMLMapping {
  public func string(_ key: String) throws(SchemaError) -> String? { try value(key)?.string() }
  public func int(_ key: String) throws(SchemaError) -> Int? { try value(key)?.int() }
  public func double(_ key: String) throws(SchemaError) -> Double? { try value(key)?.double() }
  public func bool(_ key: String) throws(SchemaError) -> Bool? { try value(key)?.bool() }
  public func list(_ key: String) throws(SchemaError) -> [YAMLValue]? { try value(key)?.list() }
  public func strings(_ key: String) throws(SchemaError) -> [String]? { try value(key)?.strings() }
  public func doubles(_ key: String) throws(SchemaError) -> [Double]? { try value(key)?.doubles() }
  public func mapping(_ key: String) throws(SchemaError) -> YAMLMapping? { try value(key)?.mapping() }

  /// One of the raw values of an enumeration.
  public func choice<T: RawRepresentable & CaseIterable>(_ key: String, of type: T.Type) throws(SchemaError) -> T?
  where T.RawValue == String {
    try value(key)?.choice(of: type)
  }

  /// A whole number in a range.
  public func int(_ key: String, in range: ClosedRange<Int>) throws(SchemaError) -> Int? {
    guard let value = value(key) else { return nil }
    let number = try value.int()
    guard range.contains(number) else {
      throw value.refused("must be \(range.lowerBound) to \(range.upperBound), found \(number)")
    }
    return number
  }

  /// A number in a range.
  public func double(_ key: String, in range: ClosedRange<Double>) throws(SchemaError) -> Double? {
    guard let value = value(key) else { return nil }
    let number = try value.double()
    guard range.contains(number) else {
      throw value.refused("must be \(range.lowerBound) to \(range.upperBound), found \(number)")
    }
    return number
  }
}

//! Writes the body of a message as a map whose length is known before its fields.
//!
//! Bodies join the fields of several types (serde's `flatten`), and serde then tells no length. msgpack begins a map
//! with its length: rmp-serde would write such a body into memory of its own, and copy it. So the fields are counted
//! first, which looks at none of their contents.

use std::fmt;

use serde::{
    Serialize, Serializer,
    ser::{Error, Impossible, SerializeMap, SerializeStruct},
};

/// A body.
#[derive(Debug)]
pub(super) struct Body<'a, B>(pub(super) &'a B);

impl<B: Serialize> Serialize for Body<'_, B> {
    fn serialize<S: Serializer>(&self, serializer: S) -> Result<S::Ok, S::Error> {
        if serializer.is_human_readable() {
            return self.0.serialize(serializer);
        }
        let length = self.0.serialize(Map(Counting)).map_err(S::Error::custom)?;
        self.0.serialize(Map(OfLength(length, serializer)))
    }
}

/// How a map is written.
trait Write {
    type Ok;
    type Error: Error;
    type Fields: SerializeMap<Ok = Self::Ok, Error = Self::Error>;
    type Struct: SerializeStruct<Ok = Self::Ok, Error = Self::Error>;

    fn map(self) -> Result<Self::Fields, Self::Error>;
    fn structure(self, name: &'static str, length: usize) -> Result<Self::Struct, Self::Error>;
}

/// Counts the fields.
struct Counting;

impl Write for Counting {
    type Ok = usize;
    type Error = fmt::Error;
    type Fields = Count;
    type Struct = Count;

    fn map(self) -> Result<Count, fmt::Error> {
        Ok(Count(0))
    }

    fn structure(self, _: &'static str, _: usize) -> Result<Count, fmt::Error> {
        Ok(Count(0))
    }
}

struct Count(usize);

impl SerializeMap for Count {
    type Ok = usize;
    type Error = fmt::Error;

    fn serialize_key<T: Serialize + ?Sized>(&mut self, _: &T) -> Result<(), fmt::Error> {
        self.0 += 1;
        Ok(())
    }

    fn serialize_value<T: Serialize + ?Sized>(&mut self, _: &T) -> Result<(), fmt::Error> {
        Ok(())
    }

    fn end(self) -> Result<usize, fmt::Error> {
        Ok(self.0)
    }
}

impl SerializeStruct for Count {
    type Ok = usize;
    type Error = fmt::Error;

    fn serialize_field<T: Serialize + ?Sized>(&mut self, _: &'static str, _: &T) -> Result<(), fmt::Error> {
        self.0 += 1;
        Ok(())
    }

    fn end(self) -> Result<usize, fmt::Error> {
        Ok(self.0)
    }
}

/// Writes so many fields.
struct OfLength<S>(usize, S);

impl<S: Serializer> Write for OfLength<S> {
    type Ok = S::Ok;
    type Error = S::Error;
    type Fields = S::SerializeMap;
    type Struct = S::SerializeStruct;

    fn map(self) -> Result<S::SerializeMap, S::Error> {
        self.1.serialize_map(Some(self.0))
    }

    fn structure(self, name: &'static str, length: usize) -> Result<S::SerializeStruct, S::Error> {
        self.1.serialize_struct(name, length)
    }
}

/// Takes maps, and nothing else.
struct Map<W>(W);

macro_rules! refuse {
    ($($method:ident($($argument:ty),*) $(-> $compound:ident)?;)*) => {$(
        fn $method(self, $(_: $argument),*) -> Result<refuse!(@ $($compound)?), W::Error> {
            Err(W::Error::custom("a body is a map"))
        }
    )*};
    (@) => { W::Ok };
    (@ $compound:ident) => { Impossible<W::Ok, W::Error> };
}

impl<W: Write> Serializer for Map<W> {
    type Ok = W::Ok;
    type Error = W::Error;
    type SerializeSeq = Impossible<W::Ok, W::Error>;
    type SerializeTuple = Impossible<W::Ok, W::Error>;
    type SerializeTupleStruct = Impossible<W::Ok, W::Error>;
    type SerializeTupleVariant = Impossible<W::Ok, W::Error>;
    type SerializeMap = W::Fields;
    type SerializeStruct = W::Struct;
    type SerializeStructVariant = Impossible<W::Ok, W::Error>;

    fn is_human_readable(&self) -> bool {
        false
    }

    fn serialize_map(self, _: Option<usize>) -> Result<W::Fields, W::Error> {
        self.0.map()
    }

    fn serialize_struct(self, name: &'static str, length: usize) -> Result<W::Struct, W::Error> {
        self.0.structure(name, length)
    }

    fn serialize_some<T: Serialize + ?Sized>(self, body: &T) -> Result<W::Ok, W::Error> {
        body.serialize(self)
    }

    fn serialize_newtype_struct<T: Serialize + ?Sized>(self, _: &'static str, body: &T) -> Result<W::Ok, W::Error> {
        body.serialize(self)
    }

    fn serialize_newtype_variant<T: Serialize + ?Sized>(
        self,
        _: &'static str,
        _: u32,
        _: &'static str,
        _: &T,
    ) -> Result<W::Ok, W::Error> {
        Err(W::Error::custom("a body is a map"))
    }

    refuse! {
        serialize_bool(bool);
        serialize_i8(i8);
        serialize_i16(i16);
        serialize_i32(i32);
        serialize_i64(i64);
        serialize_u8(u8);
        serialize_u16(u16);
        serialize_u32(u32);
        serialize_u64(u64);
        serialize_f32(f32);
        serialize_f64(f64);
        serialize_char(char);
        serialize_str(&str);
        serialize_bytes(&[u8]);
        serialize_none();
        serialize_unit();
        serialize_unit_struct(&'static str);
        serialize_unit_variant(&'static str, u32, &'static str);
        serialize_seq(Option<usize>) -> list;
        serialize_tuple(usize) -> list;
        serialize_tuple_struct(&'static str, usize) -> list;
        serialize_tuple_variant(&'static str, u32, &'static str, usize) -> list;
        serialize_struct_variant(&'static str, u32, &'static str, usize) -> list;
    }
}

//! The visible instances of a study, a series or an instance, for statements that do something with them.

use filmless_model::address::Resource;

use crate::commit::statements::AnyQuery;

/// The visible instances of study `$1`, series `$2` and instance `$3`; empty is any. They are `i`, of series `se` and study `st`.
macro_rules! visible {
    () => {
        "from studies st join series se on se.study_key = st.study_key \
         join instances i on i.study_key = se.study_key and i.series_key = se.series_key \
         where st.study_instance_uid = $1 and ($2 = '' or se.series_instance_uid = $2) and ($3 = '' or i.sop_instance_uid = $3)"
    };
}

pub(crate) use visible;

/// A statement whose first three placeholders are bound to a resource.
pub(crate) fn of_resource(sql: &'static str, resource: &Resource) -> AnyQuery {
    let (series, instance) = match resource {
        Resource::Study(_) => ("", ""),
        Resource::Series(address) => (address.series.as_str(), ""),
        Resource::Instance(address) => (address.series.as_str(), address.instance.as_str()),
    };
    sqlx::query(sql).bind(resource.study().as_str().to_owned()).bind(series.to_owned()).bind(instance.to_owned())
}

select
    currency,
    answer:rate::number(10, 4) as rate,
    answer:source::varchar as source
from {{ target.database }}.{{ target.schema }}.rates
qualify row_number() over (partition by currency order by kept_at desc) = 1

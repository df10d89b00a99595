select *
from {{ ref('latest_rates') }}
where currency <> 'EUR' or rate <> 1.0825 or source <> 'the test'

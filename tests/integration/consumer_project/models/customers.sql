select * from {{ source('crm', 'raw_customers') }}
